import { PROMISE_MS } from "@/lib/run";
import type { TaskItem } from "@/lib/task";

/** Whether a run should have been logged when the list was read: later on, the list says nothing of it. */
export function isLate({ state, next_at }: Pick<TaskItem, "state" | "next_at">, readAt: number): boolean {
  return state === "active" && next_at !== null && Date.parse(next_at) < readAt - PROMISE_MS;
}
