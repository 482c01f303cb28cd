import { Icon, type IconName } from "@/components/Icon";
import { RunStateMark, runStateWord } from "@/components/RunStateMark";
import classes from "@/components/StateMark.module.css";
import type { Occurrence, OccurrenceStatus } from "@/lib/occurrence";
import { RUN_STATES } from "@/lib/run";

type Mark = { icon: IconName; tone: string; word: string };
const marks: Partial<Record<OccurrenceStatus, Mark>> = {
  ran: { icon: "check", tone: "ok", word: "Ran" },
  missed: { icon: "warn", tone: "bad", word: "Missed" },
  paused: { icon: "pause", tone: "warn", word: "Paused" },
  excluded: { icon: "slash", tone: "quiet", word: "Left out" },
  superseded: { icon: "edit", tone: "quiet", word: "Replaced" },
  deleted: { icon: "trash", tone: "quiet", word: "Deleted" },
  ended: { icon: "flag", tone: "quiet", word: "Ended" },
  before: { icon: "skip", tone: "quiet", word: "Not begun" },
  coming: { icon: "clock", tone: "run", word: "Coming" },
  pending: { icon: "half", tone: "run", word: "Pending" },
  unknown: { icon: "away", tone: "quiet", word: "Not known" },
  unaccounted: { icon: "warn", tone: "bad", word: "Unaccounted for" },
};

export function occurrenceWord(status: OccurrenceStatus): string {
  const state = RUN_STATES.find((one) => one === status);
  return marks[status]?.word ?? (state ? runStateWord(state) : status);
}

/** What became of a nominal time, by a shape, a word and a colour: where it has a run, the state of that. */
export function OccurrenceMark({ occurrence }: { occurrence: Pick<Occurrence, "status" | "run"> }) {
  const { status, run } = occurrence;
  const mark = marks[status];
  if (run && (status === "ran" || !mark)) return <RunStateMark state={run.state} />;
  return (
    <span className={classes.mark} data-tone={mark?.tone ?? "quiet"} data-state={status}>
      <Icon name={mark?.icon ?? "clock"} />
      {occurrenceWord(status)}
    </span>
  );
}
