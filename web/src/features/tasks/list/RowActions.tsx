import { ActionIcon } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { Guarded } from "@/components/Guarded";
import { Icon, type IconName } from "@/components/Icon";
import { type TaskItem, titleOf } from "@/lib/task";
import classes from "./RowActions.module.css";
import type { Deed, Deeds } from "./useDeeds";

type Props = { task: TaskItem; deeds: Deeds; busy: Deed | undefined };

/** What can be done to a task in one click, from its row. */
export function RowActions({ task, deeds, busy }: Props) {
  const isPaused = task.state === "paused";
  const of = titleOf(task);
  return (
    <div className={classes.actions}>
      <Action
        icon="bolt"
        label="Run now"
        of={of}
        busy={busy === "run"}
        isMain={"manual" in task.schedule}
        onClick={() => deeds.run(task)}
      />
      <Action
        icon={isPaused ? "play" : "pause"}
        label={isPaused ? "Resume" : "Pause"}
        of={of}
        busy={busy === "toggle"}
        off={task.state === "finished"}
        onClick={() => (isPaused ? deeds.resume(task) : deeds.pause(task))}
      />
      <Guarded needs="operator">
        {(isOff) => (
          <ActionIcon
            variant="subtle"
            color="gray"
            className={classes.icon}
            aria-label={`Edit ${of}`}
            data-hint={isOff ? undefined : "Edit"}
            disabled={isOff}
            renderRoot={
              isOff
                ? undefined
                : (props) => <Link to="/tasks/$taskId/edit" params={{ taskId: task.id }} {...props} />
            }
          >
            <Icon name="edit" />
          </ActionIcon>
        )}
      </Guarded>
      <Action icon="trash" label="Delete" of={of} danger onClick={() => deeds.remove(task)} />
    </div>
  );
}

type ActionProps = {
  icon: IconName;
  label: string;
  of: string;
  busy?: boolean;
  off?: boolean;
  danger?: boolean;
  /** What a task is there for: one that has no times of its own is run by hand. */
  isMain?: boolean;
  onClick: () => void;
};

function Action({ icon, label, of, busy, off, danger, isMain, onClick }: ActionProps) {
  return (
    <Guarded needs="operator">
      {(isOff) => (
        <ActionIcon
          variant={isMain ? "light" : "subtle"}
          color={isMain ? undefined : danger ? "red" : "gray"}
          className={isMain ? undefined : classes.icon}
          aria-label={`${label} ${of}`}
          data-hint={isOff ? undefined : label}
          loading={busy}
          disabled={off || isOff}
          onClick={onClick}
        >
          <Icon name={icon} />
        </ActionIcon>
      )}
    </Guarded>
  );
}
