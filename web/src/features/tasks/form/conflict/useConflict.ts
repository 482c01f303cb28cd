import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Problem } from "@/lib/problem";
import type { Task } from "@/lib/task";
import { viewerZone } from "@/lib/zone";
import { taskQuery } from "../../queries";
import { type Draft, draftOf } from "../draft";
import type { Form } from "../fields";
import { type Change, changes, PARTS, type PartName, type Side, withParts } from "./merge";

/** A task as it was read: with the ETag that a change of it must name, and the JSON that it came as. */
export type Read = { task: Task; json: string; etag: string };

/** Two edits of one task, until the merged one is saved. */
export type Conflict = {
  changes: readonly Change[];
  /** Of what both changed, whose is kept. */
  choices: Partial<Record<PartName, Side>>;
  /** What either side has of each part, with what was typed into it since. */
  drafts: Record<Side, Draft>;
};

/** Thrown when it is not decided yet whose change of some parts is kept. */
export class Unchosen extends Error {
  constructor(parts: readonly PartName[]) {
    super(`Choose whose change is kept: ${parts.map((part) => PARTS[part].label).join(", ")}.`);
  }
}

/**
 * What an edit is based on. When somebody else has changed the task meanwhile it is theirs, of which the form takes
 * what only they have changed: it always shows what a save would send.
 */
export function useConflict(read: Read) {
  const client = useQueryClient();
  const [opened, setOpened] = useState(() => ({ ...read, draft: draftOf(read.task, viewerZone, read.json) }));
  const [conflict, setConflict] = useState<Conflict | null>(null);

  /** Reads theirs, and merges the draft that could not be saved. Raises Problem, Unreachable. */
  async function begin(mine: Draft, form: Form) {
    const query = { ...taskQuery(read.task.id), staleTime: 0 };
    const newest = await client.fetchQuery(query).catch((error: unknown) => {
      if (!(error instanceof Problem && error.status === 404)) throw error;
      throw new Error("Somebody deleted this task meanwhile. What you typed is still here.");
    });
    const theirs = draftOf(newest.task, viewerZone, newest.json);
    const found = changes(opened.draft, theirs, mine);
    const taken = found.filter(({ by }) => by === "theirs").map(({ part }) => part);
    form.setValues(withParts(form.getValues(), theirs, taken));
    setOpened({ ...newest, draft: theirs });
    setConflict({ changes: found, choices: {}, drafts: { theirs, mine } });
  }

  /** Puts the part of one side into the form. What the form had of it is kept for the side that it was. */
  function choose(part: PartName, side: Side, form: Form) {
    if (!conflict) return;
    const { choices } = conflict;
    const drafts = { ...conflict.drafts };
    const before = choices[part] ?? "mine";
    if (before !== side) {
      const now = form.getValues();
      drafts[before] = withParts(drafts[before], now, [part]);
      form.setValues(withParts(now, drafts[side], [part]));
    }
    setConflict({ ...conflict, choices: { ...choices, [part]: side }, drafts });
  }

  const unchosen = (conflict?.changes ?? [])
    .filter(({ part, by }) => by === "both" && !conflict?.choices[part])
    .map(({ part }) => part);
  return { opened, conflict, begin, choose, unchosen };
}
