import type { components } from "@/client/schema";

type Schemas = components["schemas"];

export type Task = Schemas["Task"];
export type TaskItem = Schemas["TaskItem"];
export type TaskInput = Schemas["TaskInput"];
export type TaskState = TaskItem["state"];
export type Schedule = TaskItem["schedule"];
type AnyOf = Extract<Schedule, { any: unknown }>;
/** A schedule that stands alone and has times of its own: once, cron, an interval, a calendar interval. */
export type SingleSchedule = Exclude<Schedule, AnyOf | { manual: unknown }>;
/** One of several. */
export type MemberSchedule = AnyOf["any"][number];
export type Retry = Task["retry"];
export type Misfire = Task["misfire"];
export type Successor = Schemas["Successor"];
export type StartsOn = NonNullable<Successor["on"]>;
export type Overlap = Task["overlap"];
export type Preview = Schemas["Preview"];
export type PreviewInput = Schemas["PreviewInput"];
export type BackfillInput = Schemas["BackfillInput"];
export type Backfilled = Schemas["Backfilled"];
export type Handler = Schemas["HandlerInfo"];

export const TASK_STATES = ["active", "paused", "finished"] as const satisfies readonly TaskState[];

/** What a task is called on screen: its name, or its id while it has none. */
export function titleOf(task: { id: string; name: string }): string {
  return task.name || task.id;
}

/** The schedule as it was written, for those who read cron; the server's description is for everybody. */
export function written(schedule: Schedule): string {
  if ("manual" in schedule) return "";
  if ("any" in schedule) return parts(several(schedule.any.map(times)), schedule.timezone);
  return times(schedule);
}

/** The zone by whose clock a schedule runs; null where it runs by none, or its members by several. */
export function zoneOfSchedule(schedule: Schedule): string | null {
  if ("any" in schedule) {
    const zones = new Set(
      schedule.any.map((one) => ("timezone" in one && one.timezone) || schedule.timezone),
    );
    return zones.size === 1 ? ([...zones][0] ?? null) : null;
  }
  return "timezone" in schedule ? (schedule.timezone ?? null) : null;
}

/** One schedule, with its zone where it names one. */
function times(schedule: MemberSchedule): string {
  if ("cron" in schedule) return parts(schedule.cron, schedule.timezone);
  if (!("every" in schedule)) return parts(schedule.at, schedule.timezone);
  return "at" in schedule ? parts(schedule.every, schedule.at, schedule.timezone) : schedule.every;
}

function parts(...texts: (string | null | undefined)[]): string {
  return texts.filter(Boolean).join(" · ");
}

const SHOWN = 3;

function several(texts: string[]): string {
  const more = texts.length - SHOWN;
  const shown = texts.slice(0, SHOWN).join(" + ");
  return more > 0 ? `${shown} + ${more} more` : shown;
}
