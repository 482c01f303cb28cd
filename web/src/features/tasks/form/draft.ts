import { randomId } from "@mantine/hooks";
import { readExact, writeExact } from "@/lib/exactJson";
import { jsonProblem, setOut, writtenAt } from "@/lib/json";
import { textOf } from "@/lib/problem";
import type { Schedule, StartsOn, Successor, Task, TaskInput } from "@/lib/task";
import { durationOf } from "./durationInput";
import { defaults, type Options, optionsOf, taskOptions } from "./options";
import { blankSchedule, filledSchedule, type ScheduleDraft } from "./schedule/schedule";

/** A task as the form holds it: one field for each thing that can be typed, whatever the others say. */
export type Draft = Options & {
  id: string;
  name: string;
  description: string;
  tags: string[];
  schedule: ScheduleDraft;
  handler: string;
  payload: string;
  /** How the payload of a handler with a form of its own is edited. */
  payloadView: "fields" | "json";
  url: string;
  /** The object that the URL of `curl` came in; null: it is the payload itself. */
  urlWithin: object | null;
  paused: boolean;
  successors: Link[];
  /** Who is told of it: kept as it is. */
  notify: Task["notify"];
};

/** A task that this one starts. The key holds its place on screen while others come and go. */
export type Link = Successor & { on: StartsOn; key: string };

export function blank(timezone: string): Draft {
  return {
    ...defaults,
    ...{ id: "", name: "", description: "", tags: [] },
    schedule: blankSchedule(timezone),
    ...{
      handler: "default",
      payload: "",
      payloadView: "fields",
      url: "",
      urlWithin: null,
      paused: false,
      successors: [],
      notify: [],
    },
  };
}

/**
 * The draft that an existing task fills; `timezone` stands where the task's schedule names none. `json` is what the task
 * was read from: the payload is taken from there as it is written, since large numbers in `task` are rounded.
 */
export function draftOf(task: Task, timezone: string, json = JSON.stringify(task)): Draft {
  const { id, name, description, tags, handler, payload, paused } = task;
  const isCurl = handler === "curl";
  const written = writtenAt(json, "/payload") ?? "";
  return {
    ...blank(timezone),
    ...{ id, name, description, tags, handler, paused },
    schedule: filledSchedule(blankSchedule(timezone), task.schedule),
    ...optionsOf(task),
    payload: isCurl || payload === null ? "" : setOut(written),
    url: isCurl ? urlOf(payload) : "",
    successors: task.then.map((link) => ({ on: "succeeded", ...link, key: randomId() })),
    notify: task.notify,
    urlWithin: isCurl && typeof payload === "object" ? (readExact(written) as object | null) : null,
  };
}

function urlOf(payload: unknown): string {
  if (typeof payload === "string") return payload;
  const url = (payload as { url?: unknown } | null)?.url;
  return typeof url === "string" ? url : "";
}

/** Thrown for a payload that is not JSON. */
export class NotJson extends Error {}

/** With `Exact` in the place of numbers that a browser rounds. Raises NotJson. */
export function payloadOf(draft: Draft): unknown {
  if (draft.handler === "curl") {
    const url = draft.url.trim();
    return draft.urlWithin ? { ...draft.urlWithin, url } : url;
  }
  if (!draft.payload.trim()) return null;
  try {
    return readExact(draft.payload);
  } catch (error) {
    const problem = jsonProblem(draft.payload) ?? textOf(error);
    throw new NotJson(`This is not JSON yet: ${problem}`);
  }
}

/** The body of POST and PUT, but for the id and for what only a new task has: `sentJson` writes it. Raises NotJson. */
export function inputOf(draft: Draft, schedule: Schedule): TaskInput {
  return {
    ...(draft.name && { name: draft.name }), // without one, the task is called by its id
    description: draft.description,
    tags: draft.tags,
    schedule,
    handler: draft.handler,
    payload: payloadOf(draft),
    timeout: durationOf(draft.timeout),
    ...taskOptions(draft),
    ...(draft.notify.length > 0 && { notify: draft.notify }),
    // biome-ignore lint/suspicious/noThenProperty: the contract's name, in JSON that nobody awaits.
    ...(draft.successors.length > 0 && { then: draft.successors.map(({ key: _, ...link }) => link) }),
  };
}

/** The body as it is sent: with the payload as it is typed, and not as a browser would write the numbers it has read. */
export function sentJson(body: TaskInput, draft: Draft): string {
  const payload = draft.handler === "curl" ? writeExact(body.payload) : draft.payload.trim();
  if (!payload) return JSON.stringify(body);
  return `${JSON.stringify({ ...body, payload: undefined }).slice(0, -1)},"payload":${payload}}`;
}
