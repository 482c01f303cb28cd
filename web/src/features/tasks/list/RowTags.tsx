import { Popover } from "@mantine/core";
import { Tags } from "@/components/Tags";
import classes from "./TaskTable.module.css";

const SHOWN = 2;

/** The first tags of a task, in one line; the others on request. */
export function RowTags({ tags, onPick }: { tags: readonly string[]; onPick: (tag: string) => void }) {
  const others = tags.slice(SHOWN);
  return (
    <div className={classes.tagLine}>
      <Tags tags={tags.slice(0, SHOWN)} onPick={onPick} />
      {others.length > 0 && (
        <Popover withinPortal={false} hideDetached={false} trapFocus transitionProps={{ duration: 0 }}>
          <Popover.Target>
            <button
              type="button"
              className={classes.more}
              title={others.join(", ")}
              aria-label={`${others.length} more ${others.length === 1 ? "tag" : "tags"}`}
            >
              +{others.length}
            </button>
          </Popover.Target>
          <Popover.Dropdown>
            <Tags tags={others} onPick={onPick} />
          </Popover.Dropdown>
        </Popover>
      )}
    </div>
  );
}
