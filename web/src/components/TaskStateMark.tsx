import type { TaskState } from "@/lib/task";
import { Icon, type IconName } from "./Icon";
import classes from "./StateMark.module.css";

const marks: Record<TaskState, { icon: IconName; tone: string; word: string }> = {
  active: { icon: "play", tone: "ok", word: "Active" },
  paused: { icon: "pause", tone: "warn", word: "Paused" },
  finished: { icon: "flag", tone: "quiet", word: "Finished" },
};

export const taskStateWord = (state: TaskState) => marks[state].word;

export function TaskStateMark({ state }: { state: TaskState }) {
  const { icon, tone, word } = marks[state];
  return (
    <span className={classes.mark} data-tone={tone} data-state={state}>
      <Icon name={icon} size={14} />
      {word}
    </span>
  );
}
