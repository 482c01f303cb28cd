import type { components } from "@/client/schema";
import { spoken } from "@/lib/duration";

type Schemas = components["schemas"];

export type ChangeSet = Schemas["ChangeSet"];
export type ChangeSetState = ChangeSet["state"];
export type ChangeSetItem = Schemas["ChangeSetItem"];
export type Verdict = ChangeSetItem["verdict"];
export type BulkActionInput = Schemas["BulkActionInput"];
export type BulkAction = BulkActionInput["action"];
export type BulkFilter = Schemas["BulkFilter"];
export type BulkCount = Schemas["BulkCount"];
export type ImportPlan = Schemas["ImportPlan"];
export type ImportItem = Schemas["ImportItem"];
export type FieldChange = Schemas["FieldChange"];

/** By what the list of items is narrowed; `superseded` and `forwarded` are for those who know the wire. */
export const VERDICTS = [
  "accepted",
  "rejected",
  "superseded",
  "forwarded",
] as const satisfies readonly Verdict[];

export const counted = (n: number) => n.toLocaleString("en-GB");

/** "1 task", "1,240 tasks". */
export const tasksOf = (n: number) => `${counted(n)} ${n === 1 ? "task" : "tasks"}`;

const deeds: Record<BulkAction, string> = {
  pause: "Pause",
  resume: "Resume",
  delete: "Delete",
  trigger: "Run now",
  tag: "Change tags",
  spread: "Spread",
};

/** What is done, in words: "Pause", "Spread over 5 minutes", "Add tag ops". */
export function deedOf({ kind, action, options }: Pick<ChangeSet, "kind" | "action" | "options">): string {
  if (kind === "import") return "Import";
  if (kind === "undo") return "Undo";
  if (action === "tag") {
    const [added, removed] = [texts(options?.add_tags), texts(options?.remove_tags)];
    const parts = [added && `add ${added}`, removed && `remove ${removed}`].filter(Boolean).join(", ");
    return parts ? `Tags: ${parts}` : deeds.tag;
  }
  if (action === "spread" && options) {
    return typeof options.spread === "string" ? `Spread over ${spoken(options.spread)}` : "Spread no more";
  }
  return deeds[action as BulkAction] ?? action;
}

/** Which tasks it is about, in words. */
export function subjectOf({ kind, filter, options }: ChangeSet): string {
  if (kind === "import") return "those of a file";
  if (kind === "undo") return "those of another change";
  const ids = Array.isArray(options?.ids) ? options.ids.length : 0;
  if (ids > 0) return `${tasksOf(ids)} by id`;
  const parts = Object.entries(filter ?? {}).flatMap(([name, value]) =>
    [value].flat().flatMap((one) => (one === null ? [] : [`${name}=${one}`])),
  );
  return parts.length > 0 ? parts.join(" ") : "all tasks";
}

/** Of how many it is known what became of them. */
export function doneOf(of: ChangeSet): number {
  return of.accepted + of.rejected + of.superseded + of.unchanged + of.left_out;
}

/** Whether its counts still change by themselves. */
export function isMoving({ state, waiting }: ChangeSet): boolean {
  return state === "running" || (state !== "interrupted" && waiting !== 0);
}

function texts(value: unknown): string {
  return Array.isArray(value) ? value.join(", ") : "";
}
