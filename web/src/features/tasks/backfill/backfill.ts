import { queryOptions } from "@tanstack/react-query";
import { api, ask } from "@/lib/api";
import { inWords } from "@/lib/duration";
import { Problem } from "@/lib/problem";
import type { Backfilled, BackfillInput } from "@/lib/task";
import { fromZoned } from "@/lib/zonedTime";

export type Which = "range" | "missed" | "failed";

/** What is typed in the dialog. Instants are by the clock of a zone, as date fields give them. */
export type BackfillForm = { which: Which; start: string; end: string; rate: string };

/** The request; null while something is missing, or is no time. */
export function requestOf(
  { which, start: typedStart, end: typedEnd, rate }: BackfillForm,
  zone: string,
): BackfillInput | null {
  const [start, end] = [fromZoned(typedStart, zone), fromZoned(typedEnd, zone)];
  if ((typedStart && !start) || (typedEnd && !end)) return null;
  if (which === "range" && !(start && end)) return null;
  const bounds = { ...(start && { start }), ...(end && { end }) };
  const perMinute = Number(rate.trim() || Number.NaN);
  const checkedRate = Number.isNaN(perMinute) ? (rate as unknown as number) : perMinute;
  return { ...(which !== "range" && { only: which }), ...bounds, rate: checkedRate };
}

/** How many runs a request would begin. */
export const countQuery = (id: string, wanted: BackfillInput | null) =>
  queryOptions({
    queryKey: ["backfill", id, wanted],
    queryFn: async ({ signal }) => {
      const found = await ask(backfill(id, { ...wanted, dry_run: true }, { signal }));
      return "journal" in found ? null : found; // only what is published may be taken without an answer
    },
    enabled: wanted !== null,
    retry: (failures, error) => !(error instanceof Problem) && failures < 2,
    gcTime: 0,
  });

type Options = { signal?: AbortSignal; header?: { "Idempotency-Key": string } };

export function backfill(id: string, body: BackfillInput, { signal, header }: Options = {}) {
  const params = { path: { task_id: id }, header };
  return api.POST("/api/v1/tasks/{task_id}/backfills", { params, body, signal });
}

/** How long a backfill takes at its rate, where nothing else holds it up: to the second, in words. */
export function expectedDuration({ count, rate }: Pick<Backfilled, "count" | "rate">): string {
  const seconds = Math.max(1, Math.ceil(((count ?? 0) / rate) * 60));
  return seconds < 60 ? `${seconds} s` : inWords(seconds * 1_000);
}
