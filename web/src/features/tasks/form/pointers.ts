import type { FieldError } from "@/lib/problem";
import type { Draft, Kind } from "./draft";
import { lines } from "./options";

export type FieldErrors = Partial<Record<keyof Draft, string>>;

/** Where the API's names are not those of the draft, or are within another object. */
const fields: Record<string, keyof Draft> = {
  ...same("id", "name", "description", "tags", "handler", "timeout", "paused", "overlap"),
  max_consecutive_failures: "maxFailures",
  misfire: "misfirePolicy",
  "misfire/policy": "misfirePolicy",
  "misfire/grace": "misfireGrace",
  "misfire/max": "misfireMax",
  retry: "retryAttempts",
  "retry/max_attempts": "retryAttempts",
  "retry/initial": "retryInitial",
  "retry/factor": "retryFactor",
  "retry/max": "retryMax",
  "retry/jitter": "retryJitter",
  "retry/max_age": "retryMaxAge",
};
const bounds = { ...same("start", "end", "exclude", "spread"), max_runs: "maxRuns" } as const;
const seen: Record<Kind, Record<string, keyof Draft>> = {
  cron: { ...same("cron", "timezone", "gap", "fold"), ...bounds },
  every: { ...same("every", "anchor"), ...bounds },
  at: same("at", "timezone", "spread"),
};

function same<K extends keyof Draft>(...names: K[]): Record<string, keyof Draft> {
  return Object.fromEntries(names.map((name) => [name, name]));
}

/**
 * Puts each of the server's errors beside the field that its JSON pointer means. What belongs to no field that can be
 * seen comes back in `rest`, so that nothing is swallowed.
 */
export function errorsByField(
  errors: readonly FieldError[],
  draft: Draft,
): { fields: FieldErrors; rest: string[] } {
  const found: FieldErrors = {};
  const rest: string[] = [];
  for (const { pointer, message } of errors) {
    const field = fieldAt(pointer, draft);
    if (!field) rest.push(pointer ? `${pointer}: ${message}` : message);
    else found[field] = [found[field], messageFor(pointer, message, draft)].filter(Boolean).join("; ");
  }
  return { fields: found, rest };
}

function fieldAt(pointer: string, draft: Draft): keyof Draft | undefined {
  const [first = "", second] = pointer.split("/").slice(1);
  if (first === "payload") return draft.handler === "curl" ? "url" : "payload";
  if (first === "schedule") return second === undefined ? draft.kind : seen[draft.kind][second];
  return fields[first === "tags" || second === undefined ? first : `${first}/${second}`];
}

/** Of many tags, lines, and parts of a payload, the message says which one it means. */
function messageFor(pointer: string, message: string, draft: Draft): string {
  const tag = /^\/tags\/(\d+)/.exec(pointer)?.[1];
  if (tag !== undefined) return `${draft.tags[Number(tag)] ?? ""}: ${message}`;
  const line = /^\/schedule\/exclude\/(\d+)/.exec(pointer)?.[1];
  if (line !== undefined) return `${lines(draft.exclude)[Number(line)] ?? ""}: ${message}`;
  const part = /^\/payload\/(.+)/.exec(pointer)?.[1];
  return part === undefined || draft.handler === "curl" ? message : `${part}: ${message}`;
}
