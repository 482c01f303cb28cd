import type { FieldError } from "@/lib/problem";
import type { Draft, Kind } from "./draft";

export type FieldErrors = Partial<Record<keyof Draft, string>>;

const fields: readonly (keyof Draft)[] = [
  ...(["id", "name", "description", "tags", "handler", "timeout", "paused"] as const),
  ...(["cron", "timezone", "gap", "fold", "every", "anchor", "at"] as const),
];

/**
 * Puts each of the server's errors beside the field that its JSON pointer means. What belongs to no field that can be
 * seen comes back in `rest`, so that nothing is swallowed.
 */
export function placed(errors: readonly FieldError[], draft: Draft): { fields: FieldErrors; rest: string[] } {
  const found: FieldErrors = {};
  const rest: string[] = [];
  for (const { pointer, message } of errors) {
    const field = fieldAt(pointer, draft);
    if (!field) rest.push(pointer ? `${pointer}: ${message}` : message);
    else found[field] = [found[field], told(pointer, message, draft)].filter(Boolean).join("; ");
  }
  return { fields: found, rest };
}

function fieldAt(pointer: string, draft: Draft): keyof Draft | undefined {
  const [first = "", second] = pointer.split("/").slice(1);
  if (first === "payload") return draft.handler === "curl" ? "url" : "payload";
  if (first !== "schedule") return fields.find((f) => f === first);
  const seen: Record<Kind, readonly (keyof Draft)[]> = {
    cron: ["cron", "timezone", "gap", "fold"],
    every: ["every", "anchor"],
    at: ["at", "timezone"],
  };
  if (second === undefined) return draft.kind;
  return seen[draft.kind].find((f) => f === second);
}

/** Of many tags, the message says which one it means. */
function told(pointer: string, message: string, draft: Draft): string {
  const at = /^\/tags\/(\d+)/.exec(pointer)?.[1];
  return at === undefined ? message : `${draft.tags[Number(at)] ?? ""}: ${message}`;
}
