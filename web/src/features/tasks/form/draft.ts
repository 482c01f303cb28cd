import type { Schedule, Task, TaskInput } from "@/lib/task";
import { type DurationInput, durationInputOf, durationOf } from "./durationInput";
import { defaults, type Options, optionsOf, SCHEDULE_OPTIONS, scheduleOptions, taskOptions } from "./options";

export type Kind = "cron" | "every" | "at";

/** A task as the form holds it: one field for each thing that can be typed, whatever the others say. */
export type Draft = Options & {
  id: string;
  name: string;
  description: string;
  tags: string[];
  kind: Kind;
  cron: string;
  gap: "shift" | "skip";
  fold: "first" | "last" | "both";
  timezone: string;
  every: DurationInput;
  anchor: string;
  at: string;
  handler: string;
  payload: string;
  url: string;
  paused: boolean;
  /** What the schedule has and this form does not know: it is saved as it was. */
  kept: { kind: Kind; schedule: object };
};

export function blank(timezone: string): Draft {
  return {
    ...defaults,
    id: "",
    name: "",
    description: "",
    tags: [],
    kind: "cron",
    cron: "",
    gap: "shift",
    fold: "first",
    timezone,
    every: { amount: "15", unit: "M" },
    anchor: "",
    at: "",
    handler: "default",
    payload: "",
    url: "",
    paused: false,
    kept: { kind: "cron", schedule: {} },
  };
}

/** The draft that an existing task fills; `timezone` stands where the task's schedule names none. */
export function draftOf(task: Task, timezone: string): Draft {
  const { id, name, description, tags, handler, payload } = task;
  const isCurl = handler === "curl";
  return {
    ...blank(timezone),
    ...{ id, name, description, tags, handler },
    ...scheduleFields(task.schedule),
    ...optionsOf(task),
    payload: isCurl || payload === null ? "" : JSON.stringify(payload, null, 2),
    url: isCurl ? urlOf(payload) : "",
    paused: task.paused,
    kept: unknownOf(task.schedule),
  };
}

/** What the form has no field for; it goes when another kind of schedule is chosen. */
function unknownOf(schedule: Schedule): Draft["kept"] {
  const shown = ["cron", "timezone", "gap", "fold", "every", "anchor", "at"];
  const known = new Set<string>([...shown, ...SCHEDULE_OPTIONS]);
  const rest = Object.entries(schedule).filter(([name, value]) => !known.has(name) && value != null);
  const kind = "cron" in schedule ? "cron" : "every" in schedule ? "every" : "at";
  return { kind, schedule: Object.fromEntries(rest) };
}

function scheduleFields(schedule: Schedule): Partial<Draft> {
  if ("cron" in schedule) {
    const { cron, timezone, gap, fold } = schedule;
    return { kind: "cron", cron, timezone, gap, fold };
  }
  if ("every" in schedule) {
    return { kind: "every", every: durationInputOf(schedule.every), anchor: schedule.anchor ?? "" };
  }
  return { kind: "at", at: schedule.at, ...(schedule.timezone ? { timezone: schedule.timezone } : {}) };
}

function urlOf(payload: unknown): string {
  if (typeof payload === "string") return payload;
  const url = (payload as { url?: unknown } | null)?.url;
  return typeof url === "string" ? url : "";
}

/** Whether an instant says its own offset, so that a zone beside it would be an error. */
export function saysOffset(at: string): boolean {
  return /(?:Z|[+-]\d\d:?\d\d)$/i.test(at.trim());
}

/** The schedule as it is sent; null while its main field is empty. */
export function scheduleOf(draft: Draft): Schedule | null {
  const shown = shownSchedule(draft);
  if (!shown) return null;
  const kept = draft.kind === draft.kept.kind ? draft.kept.schedule : {};
  return { ...kept, ...shown, ...scheduleOptions(draft, draft.kind) };
}

function shownSchedule(draft: Draft): Schedule | null {
  const timezone = draft.timezone.trim() || undefined;
  switch (draft.kind) {
    case "cron": {
      const cron = draft.cron.trim();
      return cron ? { cron, timezone, gap: draft.gap, fold: draft.fold } : null;
    }
    case "every":
      return draft.every.amount.trim()
        ? { every: durationOf(draft.every), ...(draft.anchor.trim() ? { anchor: draft.anchor.trim() } : {}) }
        : null;
    case "at": {
      const at = draft.at.trim();
      if (!at) return null;
      return saysOffset(at) ? { at } : { at, timezone };
    }
  }
}

/** Thrown for a payload that is not JSON. */
export class NotJson extends Error {}

export function payloadOf(draft: Draft): unknown {
  if (draft.handler === "curl") return draft.url.trim();
  if (!draft.payload.trim()) return null;
  try {
    return JSON.parse(draft.payload);
  } catch (error) {
    throw new NotJson(`This is not JSON yet: ${error instanceof Error ? error.message : error}`);
  }
}

/** The body of POST and PUT, but for the id and for what only a new task has. Raises NotJson. */
export function inputOf(draft: Draft, schedule: Schedule): TaskInput {
  const name = draft.name.trim();
  return {
    ...(name && { name }), // without one, the task is called by its id
    description: draft.description.trim(),
    tags: draft.tags,
    schedule,
    handler: draft.handler,
    payload: payloadOf(draft),
    timeout: durationOf(draft.timeout),
    ...taskOptions(draft),
  };
}
