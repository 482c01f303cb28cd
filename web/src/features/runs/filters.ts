import { RUN_KINDS, RUN_STATES, type RunKind, type RunState } from "@/lib/run";

/** What the address says about the execution log. An absent field filters nothing. */
export type RunFilters = { task_id?: string; state?: RunState; kind?: RunKind };

/** Reads an address written by anybody: what makes no sense is left out. */
export function runFilters(search: Record<string, unknown>): RunFilters {
  const task_id = typeof search.task_id === "string" && search.task_id ? search.task_id : undefined;
  const state = RUN_STATES.find((s) => s === search.state);
  const kind = RUN_KINDS.find((k) => k === search.kind);
  return { ...(task_id && { task_id }), ...(state && { state }), ...(kind && { kind }) };
}

export function hides(filters: RunFilters): boolean {
  return Boolean(filters.task_id || filters.state || filters.kind);
}
