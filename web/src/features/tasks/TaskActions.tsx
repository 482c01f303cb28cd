import { ActionIcon, Button, Tooltip } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { Link } from "@tanstack/react-router";
import { ConfirmDialog } from "@/components/ConfirmDialog";
import { Guarded } from "@/components/Guarded";
import { Icon, type IconName } from "@/components/Icon";
import { type TaskItem, titleOf } from "@/lib/task";
import { MoreActions } from "./MoreActions";
import { PauseDialog } from "./page/PauseDialog";
import classes from "./TaskActions.module.css";
import { useTaskActions } from "./useTaskActions";

type Props = {
  task: Pick<TaskItem, "id" | "name" | "state" | "overlap" | "schedule">;
  spelled?: boolean;
  onDeleted?: () => void;
};

/** Run now, pause or resume, edit, delete: icons in a row of a table, spelled out on the task's own page. */
export function TaskActions({ task, spelled = false, onDeleted }: Props) {
  const { pause, resume, runNow, remove } = useTaskActions();
  const [asking, { open, close }] = useDisclosure(false);
  const [pausing, { open: askWhy, close: stopPausing }] = useDisclosure(false);
  const isPaused = task.state === "paused";
  const toggle = isPaused ? resume : pause;
  const Action = spelled ? SpelledAction : IconAction;
  const name = titleOf(task);

  return (
    <div className={classes.actions}>
      <Action
        icon="bolt"
        label="Run now"
        of={name}
        busy={runNow.isPending}
        isMain={"manual" in task.schedule}
        onClick={() => runNow.mutate(task)}
      />
      <Action
        icon={isPaused ? "play" : "pause"}
        label={isPaused ? "Resume" : "Pause"}
        of={name}
        busy={toggle.isPending}
        off={task.state === "finished"}
        onClick={() => (spelled && !isPaused ? askWhy() : toggle.mutate({ id: task.id, name: task.name }))}
      />
      <EditLink id={task.id} of={name} spelled={spelled} />
      {spelled && <MoreActions task={task} />}
      <Action icon="trash" label="Delete" of={name} danger onClick={open} />
      {pausing && (
        <PauseDialog
          task={task}
          busy={pause.isPending}
          onPause={(note) => pause.mutate({ id: task.id, name: task.name, note }, { onSuccess: stopPausing })}
          onClose={stopPausing}
        />
      )}
      <ConfirmDialog
        opened={asking}
        title={`Delete ${name}?`}
        confirm="Delete task"
        busy={remove.isPending}
        onClose={close}
        onConfirm={() => remove.mutate(task, { onSuccess: onDeleted, onSettled: close })}
      >
        It fires no more, and retries that are still to come are dropped. Its runs stay in the execution log.
      </ConfirmDialog>
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

function IconAction({ icon, label, of, busy, off, danger, isMain, onClick }: ActionProps) {
  return (
    <Guarded needs="operator">
      {(isOff) => (
        <Tooltip label={label} openDelay={300} disabled={isOff}>
          <ActionIcon
            variant={isMain ? "light" : "subtle"}
            color={isMain ? undefined : danger ? "red" : "gray"}
            className={isMain ? undefined : classes.icon}
            aria-label={`${label} ${of}`}
            loading={busy}
            disabled={off || isOff}
            onClick={onClick}
          >
            <Icon name={icon} />
          </ActionIcon>
        </Tooltip>
      )}
    </Guarded>
  );
}

function SpelledAction({ icon, label, busy, off, danger, isMain, onClick }: ActionProps) {
  return (
    <Guarded needs="operator">
      {(isOff) => (
        <Button
          variant={isMain ? "filled" : "default"}
          className={danger ? classes.danger : undefined}
          leftSection={<Icon name={icon} />}
          loading={busy}
          disabled={off || isOff}
          onClick={onClick}
        >
          {label}
        </Button>
      )}
    </Guarded>
  );
}

function EditLink({ id, of, spelled }: { id: string; of: string; spelled: boolean }) {
  const to = { to: "/tasks/$taskId/edit", params: { taskId: id } } as const;
  if (spelled) {
    return (
      <Guarded needs="operator">
        {(isOff) => (
          <Button
            variant="default"
            leftSection={<Icon name="edit" />}
            disabled={isOff}
            renderRoot={isOff ? undefined : (props) => <Link {...to} {...props} />}
          >
            Edit
          </Button>
        )}
      </Guarded>
    );
  }
  return (
    <Guarded needs="operator">
      {(isOff) => (
        <Tooltip label="Edit" openDelay={300} disabled={isOff}>
          <ActionIcon
            variant="subtle"
            color="gray"
            className={classes.icon}
            aria-label={`Edit ${of}`}
            disabled={isOff}
            renderRoot={isOff ? undefined : (props) => <Link {...to} {...props} />}
          >
            <Icon name="edit" />
          </ActionIcon>
        </Tooltip>
      )}
    </Guarded>
  );
}
