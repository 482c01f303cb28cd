import { PROMISE_MS } from "@/lib/run";
import type { TaskItem } from "@/lib/task";

/** Whether a run should have been logged when the list was read: later on, the list says nothing of it. */
export function isLate({ state, due_at }: Pick<TaskItem, "state" | "due_at">, readAt: number): boolean {
  return state === "active" && due_at !== null && Date.parse(due_at) < readAt - PROMISE_MS;
}
