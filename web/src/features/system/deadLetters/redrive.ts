import { api, ask } from "@/lib/api";
import type { LetterFilters } from "./filters";
import { fetchLetters } from "./queries";

/** How a redrive of several goes: of how many it is known what became of them, and the first errors. */
export type Progress = { done: number; failed: number; passed: number; errors: readonly string[] };

export const nothingYet: Progress = { done: 0, failed: 0, passed: 0, errors: [] };
const PORTION = 50;
const SHOWN_ERRORS = 5;

/** Redrives dead letters by their ids, some at a time. `tell` hears after each portion. Throws where a request fails. */
export async function redriveIds(
  ids: readonly string[],
  tell: (progress: Progress) => void,
  signal: AbortSignal,
) {
  let progress = nothingYet;
  for (let at = 0; at < ids.length && !signal.aborted; at += PORTION) {
    progress = await portion(ids.slice(at, at + PORTION), progress);
    tell(progress);
  }
  return progress;
}

/**
 * Redrives all that pass a filter, from the newest back. What fails again makes dead letters that are newer than those
 * to come: none is taken twice.
 */
export async function redriveAll(
  filters: LetterFilters,
  tell: (progress: Progress) => void,
  signal: AbortSignal,
) {
  let progress = nothingYet;
  let cursor: string | undefined;
  do {
    const page = await fetchLetters(filters, PORTION, cursor, signal);
    const ids = page.items.filter(({ redrive }) => redrive !== null).map(({ id }) => id);
    progress = { ...progress, passed: progress.passed + page.items.length - ids.length };
    if (ids.length > 0) progress = await portion(ids, progress);
    tell(progress);
    cursor = page.next_cursor ?? undefined;
  } while (cursor && !signal.aborted);
  return progress;
}

/** To its end, also when it is stopped meanwhile: the server carries out what it was sent, and that is counted. */
async function portion(ids: readonly string[], before: Progress): Promise<Progress> {
  const { items } = await ask(api.POST("/api/v1/dead-letters/redrive", { body: { ids: [...ids] } }));
  const errors = items.flatMap(({ id, error }) => (error ? [`${id}: ${error}`] : []));
  return {
    ...before,
    done: before.done + items.length - errors.length,
    failed: before.failed + errors.length,
    errors: [...before.errors, ...errors].slice(0, SHOWN_ERRORS),
  };
}
