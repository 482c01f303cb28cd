import type { components } from "@/client/schema";

type Schemas = components["schemas"];

export type Task = Schemas["Task"];
export type TaskItem = Schemas["TaskItem"];
export type TaskInput = Schemas["TaskInput"];
export type TaskState = TaskItem["state"];
export type Schedule = TaskItem["schedule"];
export type Retry = Task["retry"];
export type Misfire = Task["misfire"];
export type Overlap = Task["overlap"];
export type Preview = Schemas["Preview"];
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
  if ("cron" in schedule) return `${schedule.cron} · ${schedule.timezone ?? "UTC"}`;
  if ("every" in schedule) return schedule.every;
  return schedule.timezone ? `${schedule.at} · ${schedule.timezone}` : schedule.at;
}
