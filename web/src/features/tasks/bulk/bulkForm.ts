import type { BulkAction, BulkActionInput } from "@/lib/changeSets/changeSet";
import { requestOf, type Target } from "./target";

/** What is asked for before something is done to many tasks. */
export type BulkForm = {
  note: string;
  add: string[];
  remove: string[];
  /** A window in ISO 8601, empty while none is typed; null: spread no more. */
  spread: string | null;
};

export const emptyForm: BulkForm = { note: "", add: [], remove: [], spread: "PT5M" };

type Words = { title: string; verb: string; text: string; isRed?: boolean };

export const words: Record<BulkAction, Words> = {
  pause: {
    title: "Pause tasks",
    verb: "Pause",
    text: "They fire no more until somebody resumes them. Runs that have begun go on.",
  },
  resume: {
    title: "Resume tasks",
    verb: "Resume",
    text: "They fire again, from their next times on.",
  },
  trigger: {
    title: "Run tasks now",
    verb: "Run",
    text: "Each runs once, now, with its own payload. These runs go through the background lane: what is due does not wait for them.",
  },
  tag: {
    title: "Change tags",
    verb: "Change",
    text: "Tags that a task has already, or has not, make no difference.",
  },
  spread: {
    title: "Spread tasks",
    verb: "Spread",
    text: "Each time of a task is delayed by a share of the window that is always the same for that task, so that not all begin at once.",
  },
  delete: {
    title: "Delete tasks",
    verb: "Delete",
    text: "They fire no more, and retries that are still to come are dropped. Their runs stay in the execution log. An undo makes them anew.",
    isRed: true,
  },
};

/** The request of a form; null while something is missing. */
export function bodyOf(action: BulkAction, target: Target, form: BulkForm): BulkActionInput | null {
  const note = form.note.trim();
  const common = { action, ...requestOf(target), ...(note && { note }) };
  if (action === "spread") {
    const spread = form.spread?.trim() ?? null;
    return spread === "" ? null : { ...common, spread };
  }
  if (action !== "tag") return common;
  if (form.add.length + form.remove.length === 0) return null;
  return {
    ...common,
    ...(form.add.length > 0 && { add_tags: form.add }),
    ...(form.remove.length > 0 && { remove_tags: form.remove }),
  };
}

/** What is counted: the form's request where it is whole, else any that is about the same tasks. */
export function countedBody(action: BulkAction, target: Target, form: BulkForm): BulkActionInput {
  const { note: _, ...body } = bodyOf(action, target, form) ??
    bodyOf("pause", target, emptyForm) ?? { action };
  return body;
}

/** Whether something was typed that would be lost. */
export function isTyped(form: BulkForm): boolean {
  return form.note.trim() !== "" || form.add.length + form.remove.length > 0;
}
