/** PURE. Two edits of one task: what each has changed, and what comes of both. */

import { writeExact } from "@/lib/exactJson";
import type { TaskInput } from "@/lib/task";
import { type Draft, inputOf } from "../draft";
import { isObject } from "../http/httpCall";
import { MISFIRE, RETRY } from "../options";
import { scheduleOf } from "../schedule/schedule";

export type Side = "theirs" | "mine";

/** A part of a task that is taken from one side or the other as a whole. */
export type Part = {
  label: string;
  /** Its fields in the draft. */
  keys: readonly (keyof Draft)[];
  /** Its fields as they are sent. */
  sent: readonly (keyof TaskInput)[];
};

/** Parts whose fields hang together are one: half of a schedule, or a payload for another handler, is nobody's. */
export const PARTS = {
  name: { label: "Name", keys: ["name"], sent: ["name"] },
  description: { label: "Description", keys: ["description"], sent: ["description"] },
  tags: { label: "Tags", keys: ["tags"], sent: ["tags"] },
  schedule: {
    label: "Schedule",
    keys: [
      ...(["schedule", "start", "end", "maxRuns", "exclude"] as const),
      ...(["excludeCalendars", "requireCalendars", "spread"] as const),
    ],
    sent: ["schedule"],
  },
  work: {
    label: "Handler and payload",
    keys: ["handler", "payload", "payloadView", "url", "urlWithin"],
    sent: ["handler", "payload"],
  },
  successors: { label: "Tasks that it starts", keys: ["successors"], sent: ["then"] },
  misfire: { label: "Late runs", keys: MISFIRE, sent: ["misfire"] },
  overlap: { label: "While another run is unfinished", keys: ["overlap"], sent: ["overlap"] },
  timeout: { label: "Timeout", keys: ["timeout"], sent: ["timeout"] },
  retry: { label: "Attempts", keys: RETRY, sent: ["retry"] },
  failures: {
    label: "Pause after failures in a row",
    keys: ["maxFailures"],
    sent: ["max_consecutive_failures"],
  },
  notify: { label: "Who is told", keys: ["notify"], sent: ["notify"] },
} as const satisfies Record<string, Part>;

export type PartName = keyof typeof PARTS;

/** What a part was, is now, and would be: values as they are sent. `by`: who changed it, both to the same included. */
export type Change = {
  part: PartName;
  by: "theirs" | "mine" | "both" | "same";
  base: unknown;
  theirs: unknown;
  mine: unknown;
};

/** The parts that either side has changed. All three drafts say a whole schedule and have JSON as their payload. */
export function changes(base: Draft, theirs: Draft, mine: Draft): Change[] {
  const sent = [base, theirs, mine].map(sentOf);
  return (Object.keys(PARTS) as PartName[]).flatMap((part): Change[] => {
    const [before, other, own] = sent.map((values) => valueAt(values, part));
    const isTheirs = !isSame(before, other);
    const isMine = !isSame(before, own);
    const change = { part, base: before, theirs: other, mine: own };
    if (isTheirs && isMine) return [{ ...change, by: isSame(other, own) ? "same" : "both" }];
    if (isTheirs) return [{ ...change, by: "theirs" }];
    return isMine ? [{ ...change, by: "mine" }] : [];
  });
}

/** The draft with some parts of another one. */
export function withParts(draft: Draft, from: Draft, parts: readonly PartName[]): Draft {
  const keys = parts.flatMap((part) => [...PARTS[part].keys]);
  return { ...draft, ...Object.fromEntries(keys.map((key) => [key, from[key]])) };
}

function sentOf(draft: Draft): Partial<TaskInput> {
  return inputOf(draft, scheduleOf(draft) ?? { manual: true });
}

/** The one field of a part, or an object of its several ones. */
function valueAt(sent: Partial<TaskInput>, part: PartName): unknown {
  const names: readonly (keyof TaskInput)[] = PARTS[part].sent;
  const [only, ...more] = names;
  if (only && more.length === 0) return sent[only];
  return Object.fromEntries(names.map((name) => [name, sent[name]]));
}

/** Whether two values are the same JSON, to the last digit, in whatever order their names are. */
export function isSame(a: unknown, b: unknown): boolean {
  return writeExact(inOrder(a)) === writeExact(inOrder(b));
}

function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (!isObject(value)) return value;
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(members.map(([name, inner]) => [name, inOrder(inner)]));
}
