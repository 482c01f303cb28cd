import type { Misfire, Overlap, Retry, Schedule, Task, TaskInput } from "@/lib/task";
import { type DurationInput, durationInputOf, durationOf } from "./durationInput";

/** What most tasks leave as it is, as the form holds it. Empty texts say nothing. */
export type Options = {
  start: string;
  end: string;
  maxRuns: string;
  /** One entry a line. */
  exclude: string;
  /** Names, with commas between them. */
  excludeCalendars: string;
  requireCalendars: string;
  spread: DurationInput;
  misfirePolicy: NonNullable<Misfire["policy"]>;
  misfireGrace: DurationInput;
  misfireMax: string;
  overlap: Overlap;
  maxFailures: string;
  retryAttempts: string;
  retryInitial: DurationInput;
  retryFactor: string;
  retryMax: DurationInput;
  /** In percent. */
  retryJitter: string;
  retryMaxAge: DurationInput;
  timeout: DurationInput;
};

export const defaults: Options = {
  start: "",
  end: "",
  maxRuns: "",
  exclude: "",
  excludeCalendars: "",
  requireCalendars: "",
  spread: { amount: "", unit: "M" },
  misfirePolicy: "latest",
  misfireGrace: { amount: "1", unit: "M" },
  misfireMax: "100",
  overlap: "allow",
  maxFailures: "",
  retryAttempts: "1",
  retryInitial: { amount: "10", unit: "S" },
  retryFactor: "2",
  retryMax: { amount: "1", unit: "H" },
  retryJitter: "10",
  retryMaxAge: { amount: "1", unit: "D" },
  timeout: { amount: "1", unit: "M" },
};

const text = (value: unknown) => (value == null ? "" : String(value));
const span = (value: unknown, otherwise: DurationInput) =>
  value == null ? otherwise : durationInputOf(String(value));

/** The options that a schedule has. */
export function scheduleOptionsOf(schedule: Partial<Record<string, unknown>>) {
  return {
    start: text(schedule.start),
    end: text(schedule.end),
    maxRuns: text(schedule.max_runs),
    exclude: ((schedule.exclude as string[] | null | undefined) ?? []).join("\n"),
    excludeCalendars: ((schedule.exclude_calendars as string[] | null | undefined) ?? []).join(", "),
    requireCalendars: ((schedule.require_calendars as string[] | null | undefined) ?? []).join(", "),
    spread: span(schedule.spread, defaults.spread),
  } satisfies Partial<Options>;
}

/** The options that an existing task has. */
export function optionsOf(task: Task): Options {
  const { retry, misfire, overlap } = task;
  return {
    ...scheduleOptionsOf(task.schedule),
    misfirePolicy: misfire.policy ?? defaults.misfirePolicy,
    misfireGrace: span(misfire.grace, defaults.misfireGrace),
    misfireMax: text(misfire.max) || defaults.misfireMax,
    overlap: overlap ?? defaults.overlap,
    maxFailures: text(task.max_consecutive_failures),
    retryAttempts: text(retry.max_attempts) || defaults.retryAttempts,
    retryInitial: span(retry.initial, defaults.retryInitial),
    retryFactor: text(retry.factor) || defaults.retryFactor,
    retryMax: span(retry.max, defaults.retryMax),
    retryJitter: retry.jitter == null ? defaults.retryJitter : text(decimal(retry.jitter * 100)),
    retryMaxAge: span(retry.max_age, defaults.retryMaxAge),
    timeout: durationInputOf(task.timeout),
  };
}

type Bounds = Pick<Extract<Schedule, { cron: string }>, (typeof SCHEDULE_OPTIONS)[number]>;

/** The names of a schedule's options, which the draft has fields for. */
export const SCHEDULE_OPTIONS = [
  ...(["start", "end", "max_runs", "exclude", "spread"] as const),
  ...(["exclude_calendars", "require_calendars"] as const),
];

/** The options within a schedule, one that recurs or not; what is empty is left out. */
export function scheduleOptions(options: Options, isRecurring: boolean): Partial<Bounds> {
  const { start, end, maxRuns, spread } = options;
  const exclude = lines(options.exclude);
  const excluded = names(options.excludeCalendars);
  const required = names(options.requireCalendars);
  const bounds = {
    ...(start.trim() && { start: start.trim() }),
    ...(end.trim() && { end: end.trim() }),
    ...(maxRuns.trim() && { max_runs: number(maxRuns) }),
    ...(exclude.length > 0 && { exclude }),
    ...(excluded.length > 0 && { exclude_calendars: excluded }),
    ...(required.length > 0 && { require_calendars: required }),
  };
  return { ...(isRecurring && bounds), ...(spread.amount.trim() && { spread: durationOf(spread) }) };
}

/** The options of a task that are not the default ones. */
export function taskOptions(
  options: Options,
): Pick<TaskInput, "retry" | "overlap" | "max_consecutive_failures" | "misfire"> {
  const misfire: Misfire = {
    policy: options.misfirePolicy,
    grace: durationOf(options.misfireGrace),
    max: number(options.misfireMax),
  };
  const retry: Retry = {
    max_attempts: number(options.retryAttempts),
    initial: durationOf(options.retryInitial),
    factor: number(options.retryFactor),
    max: durationOf(options.retryMax),
    jitter: share(options.retryJitter),
    max_age: durationOf(options.retryMaxAge),
  };
  return {
    ...(differs(options, MISFIRE) && { misfire }),
    ...(differs(options, RETRY) && { retry }),
    ...(options.overlap !== defaults.overlap && { overlap: options.overlap }),
    ...(options.maxFailures.trim() && { max_consecutive_failures: number(options.maxFailures) }),
  };
}

export const MISFIRE = ["misfirePolicy", "misfireGrace", "misfireMax"] as const;
export const RETRY = [
  ...(["retryAttempts", "retryInitial", "retryFactor", "retryMax"] as const),
  ...(["retryJitter", "retryMaxAge"] as const),
];

/** Whether any of these options is not the default one. */
export function differs(options: Options, names: readonly (keyof Options)[]): boolean {
  return names.some((name) => JSON.stringify(options[name]) !== JSON.stringify(defaults[name]));
}

export function lines(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);
}

/** The names of calendars, which have neither commas nor blanks. */
export function names(text: string): string[] {
  return text.split(/[\s,]+/).filter(Boolean);
}

/** What is no number goes to the server as it was typed, which says so beside the field. */
function number(text: string): number {
  const typed = text.trim();
  const found = Number(typed);
  return typed === "" || Number.isNaN(found) ? (typed as unknown as number) : found;
}

function share(text: string): number {
  const percent = number(text);
  return typeof percent === "number" ? decimal(percent / 100) : percent;
}

/** Without what binary fractions add: 0.07 times 100 is 7. */
function decimal(value: number): number {
  return Number(value.toPrecision(12));
}
