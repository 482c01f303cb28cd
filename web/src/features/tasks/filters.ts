import { TASK_STATES, type TaskState } from "@/lib/task";

export const SORTS = {
  name: "Name, A to Z",
  "-name": "Name, Z to A",
  next_at: "Next run, soonest first",
  "-next_at": "Next run, latest first",
  "-updated_at": "Changed, newest first",
  updated_at: "Changed, oldest first",
} as const;
export type Sort = keyof typeof SORTS;

/** What the address says about the list of tasks. An absent field filters nothing. */
export type TaskFilters = {
  q?: string;
  state?: TaskState;
  handler?: string;
  tag?: string;
  sort?: Sort;
  cursor?: string;
};

/** Reads an address written by anybody: what makes no sense is left out. */
export function taskFilters(search: Record<string, unknown>): TaskFilters {
  const { q, handler, tag, cursor } = search;
  const state = TASK_STATES.find((s) => s === search.state);
  const sort = Object.keys(SORTS).find((s) => s === search.sort) as Sort | undefined;
  return Object.fromEntries(
    Object.entries({ q, state, handler, tag, sort, cursor }).filter(
      ([, v]) => typeof v === "string" && v !== "",
    ),
  );
}

/** Whether something is hidden by the filters (the order hides nothing). */
export function hides(filters: TaskFilters): boolean {
  return Boolean(filters.q || filters.state || filters.handler || filters.tag);
}
