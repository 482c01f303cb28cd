import { lineOf } from "@/lib/json";
import type { FieldError, Suggestion } from "@/lib/problem";
import type { Draft } from "./draft";
import { callFieldAt } from "./http/fieldPaths";
import { lines } from "./options";
import { MAIN, type Single, type SingleKind } from "./schedule/single";

/** What is wrong with the fields of the form, by their paths in the draft, and how it could be mended. */
export type FieldErrors = {
  fields: Readonly<Record<string, string>>;
  suggestions: Readonly<Record<string, Suggestion>>;
  /** What belongs to no field that can be seen. */
  rest: readonly string[];
};

export const NO_ERRORS: FieldErrors = { fields: {}, suggestions: {}, rest: [] };

/** Where the API's names are not those of the draft, or are within another object. */
const fields: Record<string, keyof Draft> = {
  task_id: "id",
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
const bounds: Record<string, keyof Draft> = {
  ...same("start", "end", "exclude", "spread"),
  max_runs: "maxRuns",
  exclude_calendars: "excludeCalendars",
  require_calendars: "requireCalendars",
};
const singles: Record<SingleKind, Record<string, keyof Single>> = {
  cron: same("cron", "timezone", "gap", "fold"),
  every: same("every", "anchor"),
  calendar: {
    ...{ every: "period", at: "timeOfDay", anchor: "firstDay", month_end: "monthEnd" },
    ...same("timezone", "gap", "fold"),
  },
  at: same("at", "timezone"),
};

function same<K extends string>(...names: K[]): Record<string, K> {
  return Object.fromEntries(names.map((name) => [name, name]));
}

/**
 * Puts each of the server's errors beside the field that its JSON pointer means. What belongs to no field that can be
 * seen comes back in `rest`, so that nothing is swallowed.
 */
export function errorsByField(errors: readonly FieldError[], draft: Draft): FieldErrors {
  const found: Record<string, string> = {};
  const suggestions: Record<string, Suggestion> = {};
  const rest: string[] = [];
  for (const { pointer, message, suggestion } of errors) {
    const field = fieldAt(pointer.split("/").slice(1), draft);
    if (!field) rest.push(pointer ? `${pointer}: ${message}` : message);
    else found[field] = [found[field], messageFor(pointer, message, draft)].filter(Boolean).join("; ");
    if (field && suggestion) suggestions[field] ??= suggestion;
  }
  return { fields: found, suggestions, rest };
}

function fieldAt([first = "", second, ...more]: string[], draft: Draft): string | undefined {
  if (first === "payload") return payloadFieldAt([second ?? "", ...more], draft);
  if (first === "schedule") return scheduleFieldAt([second, ...more], draft.schedule);
  if (first === "then")
    return second === undefined ? "successors" : `successors.${second}.${more[0] ?? "task"}`;
  return fields[first === "tags" || second === undefined ? first : `${first}/${second}`];
}

/** Beside a field of a form, or the whole; which properties have a field is known where they are shown. */
function payloadFieldAt(parts: readonly string[], { handler, payloadView }: Draft): string {
  if (handler === "curl") return "url";
  if (payloadView === "json") return "payload";
  const field = handler === "http" ? callFieldAt(parts) : unescaped(parts[0] ?? "");
  return field ? `payload.${field}` : "payload";
}

function unescaped(part: string): string {
  return part.replaceAll("~1", "/").replaceAll("~0", "~");
}

function scheduleFieldAt([name, index, field]: (string | undefined)[], draft: Draft["schedule"]) {
  const { mode, single, members } = draft;
  if (mode === "manual") return undefined;
  const bound = bounds[name ?? ""];
  if (mode === "single") {
    const isBounded = single.kind !== "at" || name === "spread";
    return bound && isBounded ? bound : within("schedule.single", single, name);
  }
  if (bound) return bound;
  if (name === "timezone") return "schedule.timezone";
  if (name !== undefined && name !== "any") return undefined;
  const member = members[Number(index)];
  return member ? within(`schedule.members.${index}`, member, field) : "schedule.members";
}

function within(path: string, single: Single, name: string | undefined): string | undefined {
  const field = name === undefined ? MAIN[single.kind] : singles[single.kind][name];
  return field && `${path}.${field}`;
}

/** Of many tags, lines, and parts of a payload, the message says which one it means. */
function messageFor(pointer: string, message: string, draft: Draft): string {
  const tag = /^\/tags\/(\d+)/.exec(pointer)?.[1];
  if (tag !== undefined) return `${draft.tags[Number(tag)] ?? ""}: ${message}`;
  const excluded = /^\/schedule\/exclude\/(\d+)/.exec(pointer)?.[1];
  if (excluded !== undefined) return `${lines(draft.exclude)[Number(excluded)] ?? ""}: ${message}`;
  const part = /^\/payload\/(.+)/.exec(pointer)?.[1];
  if (part === undefined || draft.handler === "curl") return message;
  const line = draft.payloadView === "json" ? lineOf(draft.payload, `/${part}`) : null;
  if (line !== null) return `line ${line}, ${part}: ${message}`;
  // Beside a field of its own, the message need not repeat which one.
  const parts = part.split("/");
  const isProperty = draft.handler !== "http" && draft.payloadView === "fields";
  const length = isProperty ? 1 : payloadFieldAt(parts, draft).split(".").length - 1;
  const within = parts.slice(length).join("/");
  return within ? `${within}: ${message}` : message;
}
