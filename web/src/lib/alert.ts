import type { Run } from "./run";

/** One change of a task's state that a run of the kind `alert` tells. */
export interface AlertedChange {
  taskId: string;
  taskName: string;
  text: string;
}

/** What a run of the kind `alert` tells: the changes that its message lists, and how many others there are. */
export interface AlertContent {
  changes: AlertedChange[];
  more: number;
}

/** What a run tells of tasks, read from its payload; null where it tells of none. */
export function alertContent(run: Pick<Run, "kind" | "payload" | "handler">): AlertContent | null {
  if (run.kind !== "alert") return null;
  const message = member(run.payload, run.handler === "http" ? "body" : "value");
  const listed = member(message, "changes");
  if (!Array.isArray(listed)) return null;
  const written = run.handler === "http" ? withoutEscapes : (text: string) => text;
  const text = (change: unknown, name: string) => written(String(member(change, name) ?? ""));
  const more = Object.values(member(message, "more") ?? {}).reduce((sum, count) => sum + Number(count), 0);
  const changes = listed.map((change) => ({
    taskId: text(change, "task_id"),
    taskName: text(change, "task_name"),
    text: text(change, "text"),
  }));
  return { changes, more };
}

function member(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

/** In a payload of `http` two opening braces are written twice, so that they begin no template. */
function withoutEscapes(text: string): string {
  return text.replaceAll("{{{{", "{{");
}
