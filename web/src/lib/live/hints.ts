/** What a hint of the stream says of one kind of change: of which tasks, and which runs; `more`: of others, too. */
export type Hint = { task_ids?: string[]; ids?: string[]; names?: string[]; more: boolean };
export type Kind = "tasks" | "runs" | "missed" | "journal" | "calendars" | "system";
export type Changes = Partial<Record<Kind, Hint>>;

/** Whether a query shows what has changed, by its key: the first word is what it is of (see `queryKinds`). */
export function concerns(key: readonly unknown[], changes: Changes): boolean {
  const kinds = queryKinds[String(key[0])];
  if (!kinds) return false;
  return kinds.some((kind) => {
    const hint = changes[kind];
    if (!hint) return false;
    const [, id] = key;
    if (hint.more || typeof id !== "string") return true;
    return [...(hint.task_ids ?? []), ...(hint.ids ?? []), ...(hint.names ?? [])].includes(id);
  });
}

/**
 * By the first word of a query's key, the kinds of changes that it shows. Its second word may be an id. What is a sum over
 * very many runs is asked for at its own pace instead: while runs end, it changes all the time.
 */
const queryKinds: Record<string, Kind[] | undefined> = {
  tasks: ["tasks"],
  task: ["tasks"],
  "task-history": ["tasks", "journal"],
  "task-stats": ["runs"],
  occurrences: ["runs", "missed", "tasks"],
  runs: ["runs"],
  run: ["runs"],
  "recent-runs": ["runs"],
  missed: ["missed"],
  forecast: ["tasks"],
  system: ["system"],
  "dead-letters": ["system"],
  "change-sets": ["journal"],
  calendars: ["calendars"],
};

/** Reads the data of an event of the stream; null for what is none. */
export function parseChanges(data: string): Changes | null {
  try {
    const found: unknown = JSON.parse(data);
    return typeof found === "object" && found !== null ? (found as Changes) : null;
  } catch {
    return null;
  }
}
