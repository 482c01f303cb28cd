import type { ChangeSet } from "@/lib/changeSets/changeSet";
import type { Run } from "@/lib/run";
import type { Task } from "@/lib/task";

/** A task as the API gives it, without `spread`. */
export function aTask(part: Partial<Task> = {}): Task {
  return {
    id: "daily-report",
    name: "Daily report",
    description: "",
    tags: ["finance"],
    schedule: { cron: "0 9 * * 1-5", timezone: "Europe/Berlin", gap: "shift", fold: "first" },
    schedule_description: "At 09:00 on Monday to Friday (Europe/Berlin)",
    handler: "default",
    payload: { a: 1 },
    timeout: "PT1M",
    retry: { max_attempts: 1, initial: "PT10S", factor: 2, max: "PT1H", jitter: 0.1, max_age: "P1D" },
    overlap: "allow",
    max_consecutive_failures: null,
    misfire: { policy: "latest", grace: "PT1M", max: 100 },
    state: "active",
    paused: false,
    pause: null,
    failures: 0,
    last_outcome: null,
    // biome-ignore lint/suspicious/noThenProperty: the contract's name, in JSON that nobody awaits.
    then: [],
    ...{ calendars: {}, notify: [], preceded_by: [], missing_successors: [] },
    version: 12,
    generation: 3,
    created_at: "2026-01-01T00:00:00.000Z",
    updated_at: "2026-01-02T00:00:00.000Z",
    next_at: "2099-01-01T08:00:00.000Z",
    due_at: part.next_at === undefined ? "2099-01-01T08:00:00.000Z" : part.next_at,
    last_run: null,
    ...part,
  };
}

/** The id of the run that `aRun` makes of the same number. */
export const runId = (number: number) => String(number).padStart(32, "0");

/** A run that came off well, at a second of the minute. */
export function aRun(second: number, part: Partial<Run> = {}): Run {
  const at = (ms: number) => new Date(Date.UTC(2026, 10, 25, 9, 0, second, ms)).toISOString();
  return {
    id: runId(second),
    task_id: "heartbeat",
    task_name: "Heartbeat",
    kind: "scheduled",
    after: null,
    lane: "live",
    nominal_at: at(0),
    effective_at: at(0),
    emitted_at: new Date(Date.parse(at(0)) - 60).toISOString(),
    received_at: at(20),
    started_at: at(41),
    finished_at: at(50),
    logged_at: at(62),
    attempt: 1,
    attempts: [],
    state: "succeeded",
    retry_at: null,
    waiting_until: null,
    handler: "default",
    payload: { greeting: "hello" },
    result: { line: "done" },
    error: null,
    worker: "executor-1",
    version: 12,
    ...part,
  };
}

/** A change of two tasks that is done. */
export function aChangeSet(part: Partial<ChangeSet> = {}): ChangeSet {
  return {
    ...{ id: "set-1", kind: "bulk", action: "pause", state: "done" },
    ...{ actor: "anna", channel: "ui", note: null, filter: null, options: null, scope: null },
    ...{ created_at: "2026-11-25T09:00:00.000Z", updated_at: "2026-11-25T09:00:01.000Z" },
    ...{ total: 2, waiting: 0, accepted: 2, rejected: 0, changed_meanwhile: 0, superseded: 0 },
    ...{ unchanged: 0, left_out: 0, examples: [], undoes: null, undone_by: null },
    ...part,
  } as ChangeSet;
}
