import { IS_FINAL } from "@/client/runStates";
import type { components } from "@/client/schema";

type Schemas = components["schemas"];

/** With payload and result as they are written: what a browser has read of them may have large numbers rounded. */
export type Run = Schemas["Run"] & { payload_json?: string; result_json?: string };
export type RunItem = Schemas["RunItem"];
export type RunState = RunItem["state"];
export type RunKind = RunItem["kind"];

const isFinal: Record<RunState, boolean> = IS_FINAL;
export const RUN_STATES = Object.keys(IS_FINAL) as (keyof typeof IS_FINAL)[] satisfies RunState[];
export const RUN_KINDS = [
  "scheduled",
  "manual",
  "backfill",
  "chained",
  "alert",
] as const satisfies readonly RunKind[];

export type Outcome = Exclude<RunState, "running" | "waiting" | "retrying">;
/** How a run can have ended. */
export const OUTCOMES = RUN_STATES.filter((state): state is Outcome => isFinal[state]);

/** How the newest run of a task that has ended did; `none`: no run has. */
export type LastOutcome = Outcome | "none";
export const LAST_OUTCOMES: readonly LastOutcome[] = [...OUTCOMES, "none"];

/** Whether more is to come. */
export function isUnfinished(state: RunState): boolean {
  return !isFinal[state];
}

/** Whether its message is about what somebody wanted, and not about a failure. */
export function isWanted(state: RunState): boolean {
  return state === "cancelled" || state === "skipped";
}

/** What Tasker promises: executed and logged within this of the effective time. */
export const PROMISE_MS = 10_000;

/**
 * Milliseconds from the effective time to the start; null before the start. A later attempt and a backfilled time are
 * not late: nobody promised them for their nominal time.
 */
export function lateness(
  run: Pick<RunItem, "effective_at" | "started_at" | "kind" | "attempt">,
): number | null {
  if (run.attempt > 1 || run.kind === "backfill") return null;
  return run.started_at ? Date.parse(run.started_at) - Date.parse(run.effective_at) : null;
}

/** Milliseconds from start to finish; null before the finish. */
export function duration(run: Pick<RunItem, "started_at" | "finished_at">): number | null {
  return run.started_at && run.finished_at ? Date.parse(run.finished_at) - Date.parse(run.started_at) : null;
}
