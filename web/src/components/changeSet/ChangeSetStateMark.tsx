import { Icon, type IconName } from "@/components/Icon";
import type { ChangeSetState } from "@/lib/changeSets/changeSet";
import classes from "./ChangeSet.module.css";

const marks: Record<ChangeSetState, { icon: IconName; tone: string; word: string }> = {
  running: { icon: "half", tone: "run", word: "Running" },
  done: { icon: "check", tone: "ok", word: "Done" },
  cancelled: { icon: "slash", tone: "quiet", word: "Cancelled" },
  interrupted: { icon: "warn", tone: "warn", word: "Interrupted" },
};

/** How far a change of many tasks is: a shape, a word and a colour. */
export function ChangeSetStateMark({ state }: { state: ChangeSetState }) {
  const { icon, tone, word } = marks[state];
  return (
    <span className={classes.mark} data-tone={tone}>
      <Icon name={icon} size={14} />
      {word}
    </span>
  );
}
