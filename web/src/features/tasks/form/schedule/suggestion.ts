import type { Suggestion } from "@/lib/problem";
import { type Schedule, written } from "@/lib/task";
import { type Options, scheduleOptionsOf } from "../options";
import { filledSchedule, type ScheduleDraft, scheduleOf } from "./schedule";

/** What was understood, as it would be written. */
export function understood({ value }: Suggestion): string {
  return isSchedule(value) ? written(value) : String(value);
}

/** The draft with a suggestion applied; as it is where the suggestion is about something else than the schedule. */
export function mended<D extends Options & { schedule: ScheduleDraft }>(draft: D, suggestion: Suggestion): D {
  const [first, ...path] = suggestion.pointer.split("/").slice(1);
  const before = scheduleOf(draft);
  if (first !== "schedule" || !before) return draft;
  const schedule = replaced(before, path, suggestion.value);
  if (!isSchedule(schedule)) return draft;
  const options = "manual" in schedule ? {} : scheduleOptionsOf(schedule);
  return { ...draft, ...options, schedule: filledSchedule(draft.schedule, schedule) };
}

/** The value with another one at the path, RFC 6901 without its escapes, which no name here needs. */
function replaced(within: unknown, [first, ...rest]: string[], value: unknown): unknown {
  if (first === undefined) return value;
  if (Array.isArray(within)) {
    return within.map((one, i) => (String(i) === first ? replaced(one, rest, value) : one));
  }
  const object = within as Record<string, unknown> | undefined;
  return { ...object, [first]: replaced(object?.[first], rest, value) };
}

function isSchedule(value: unknown): value is Schedule {
  return (
    typeof value === "object" &&
    value !== null &&
    ["at", "cron", "every", "any", "manual"].some((kind) => kind in value)
  );
}
