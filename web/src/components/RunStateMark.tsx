import type { RunState } from "@/lib/run";
import { Icon, type IconName } from "./Icon";
import classes from "./StateMark.module.css";

const marks: Record<RunState, { icon: IconName; tone: string; word: string }> = {
  running: { icon: "half", tone: "run", word: "Running" },
  waiting: { icon: "clock", tone: "run", word: "Waiting" },
  retrying: { icon: "retry", tone: "warn", word: "Retrying" },
  succeeded: { icon: "check", tone: "ok", word: "Succeeded" },
  failed: { icon: "cross", tone: "bad", word: "Failed" },
  cancelled: { icon: "slash", tone: "quiet", word: "Cancelled" },
  skipped: { icon: "skip", tone: "quiet", word: "Skipped" },
};

export const runStateWord = (state: RunState) => marks[state].word;

/** The state of a run: a shape, a word and a colour, each enough alone. */
export function RunStateMark({ state }: { state: RunState }) {
  const { icon, tone, word } = marks[state];
  return (
    <span className={classes.mark} data-tone={tone} data-state={state}>
      <Icon name={icon} />
      {word}
    </span>
  );
}
