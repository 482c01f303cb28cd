import type { MemberSchedule, Schedule } from "@/lib/task";

/** A field of a cron expression with an `H`, and what the server has put in its place. */
export type Hash = { written: string; value: string };

/** The fields in which a schedule and its resolved form differ, each once; whole expressions where they are not alike. */
export function hashes(schedule: Schedule, resolved: Schedule): Hash[] {
  const after = expressions(resolved);
  const found = expressions(schedule).flatMap((written, i) => differing(written, after[i] ?? written));
  return [...new Map(found.map((one) => [`${one.written} ${one.value}`, one])).values()];
}

function expressions(schedule: Schedule): string[] {
  const singles: MemberSchedule[] = "any" in schedule ? schedule.any : "manual" in schedule ? [] : [schedule];
  return singles.map((one) => ("cron" in one ? one.cron : ""));
}

function differing(written: string, value: string): Hash[] {
  if (written === value) return [];
  const [typed, found] = [written, value].map((text) => text.trim().split(/\s+/)) as [string[], string[]];
  if (typed.length !== found.length) return [{ written, value }];
  return typed.flatMap((field, i) => {
    const other = found[i] ?? field;
    return field === other ? [] : [{ written: field, value: other }];
  });
}
