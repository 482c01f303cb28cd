import { Icon, type IconName } from "@/components/Icon";
import classes from "@/components/StateMark.module.css";
import type { Revision } from "@/lib/revision";

const marks: Record<Revision["kind"], { icon: IconName; tone: string; word: string }> = {
  created: { icon: "plus", tone: "ok", word: "Created" },
  edited: { icon: "edit", tone: "run", word: "Edited" },
  paused: { icon: "pause", tone: "warn", word: "Paused" },
  resumed: { icon: "play", tone: "ok", word: "Resumed" },
  paused_by_failures: { icon: "warn", tone: "bad", word: "Paused by failures" },
  deleted: { icon: "trash", tone: "bad", word: "Deleted" },
  removed: { icon: "flag", tone: "quiet", word: "Removed" },
  calendar_changed: { icon: "clock", tone: "quiet", word: "Calendar changed" },
  unknown: { icon: "away", tone: "quiet", word: "Not known" },
};

/** What made a version. */
export function RevisionMark({ kind }: { kind: Revision["kind"] }) {
  const { icon, tone, word } = marks[kind];
  return (
    <span className={classes.mark} data-tone={tone}>
      <Icon name={icon} />
      {word}
    </span>
  );
}
