import type { Misfire, Overlap } from "@/lib/task";

/** A way of going about something: its name among the others, and what happens with it, in one sentence. */
export type Choice<V extends string = string> = { value: V; label: string; means: string };

export const overlaps: Choice<Overlap>[] = [
  {
    value: "allow",
    label: "a new run starts beside it",
    means: "Each run starts at its time, however many others are at work.",
  },
  {
    value: "skip",
    label: "a new run is skipped",
    means: "A run whose time comes meanwhile does not start, and stands in the log as skipped.",
  },
  {
    value: "queue_one",
    label: "one new run waits for its end",
    means:
      "The first run whose time comes meanwhile waits for the end; further ones are skipped while it waits.",
  },
  {
    value: "queue_all",
    label: "all new runs wait, one after the other",
    means: "Runs wait in the order of their coming; with 100 waiting, further ones are skipped.",
  },
  {
    value: "replace",
    label: "a new run cancels it and takes its place",
    means: "The unfinished run is cancelled, and the new one starts in its place.",
  },
];

export const misfires: Choice<NonNullable<Misfire["policy"]>>[] = [
  {
    value: "latest",
    label: "run the newest of the late times",
    means:
      "Of the times that passed meanwhile, the newest runs late, unless one runs within its grace anyhow; the others are recorded as missed.",
  },
  {
    value: "all",
    label: "run the late times, the newest so many",
    means: "The times that passed meanwhile run late, the newest so many; older ones are recorded as missed.",
  },
  {
    value: "none",
    label: "run none of the late times",
    means: "All times that passed meanwhile are recorded as missed, and it goes on with the next one.",
  },
];

export const gaps: Choice<"shift" | "skip">[] = [
  {
    value: "shift",
    label: "runs right after the gap",
    means: "When clocks go forward over its time, it runs once, at the first moment after the gap.",
  },
  {
    value: "skip",
    label: "does not run",
    means: "When clocks go forward over its time, it does not run on that day.",
  },
];

export const folds: Choice<"first" | "last" | "both">[] = [
  {
    value: "first",
    label: "runs the first time",
    means: "When clocks go back and its time comes twice, it runs at the first one only.",
  },
  {
    value: "last",
    label: "runs the second time",
    means: "When clocks go back and its time comes twice, it runs at the second one only.",
  },
  {
    value: "both",
    label: "runs both times",
    means: "When clocks go back and its time comes twice, it runs twice on that day.",
  },
];

/** What comes of so many attempts. */
export function attemptsInWords(attempts: string): string {
  const count = Number(attempts.trim());
  if (count === 1) return "The first one included: with 1, a run that fails is not tried again.";
  if (!Number.isInteger(count) || count < 1) return "The first one included.";
  return `The first one included: a run that fails is tried again up to ${count - 1 === 1 ? "once" : `${count - 1} times`}, and has failed for good when the last attempt fails.`;
}
