import { Button } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { Link } from "@tanstack/react-router";
import { Guarded } from "@/components/Guarded";
import { Icon, type IconName } from "@/components/Icon";
import { type TaskItem, titleOf } from "@/lib/task";
import { DeleteDialog } from "../DeleteDialog";
import { useTaskActions } from "../useTaskActions";
import { MoreActions } from "./MoreActions";
import { PauseDialog } from "./PauseDialog";
import classes from "./TaskActions.module.css";

type Props = {
  task: Pick<TaskItem, "id" | "name" | "state" | "overlap" | "schedule">;
  onDeleted: () => void;
};

/** Run now, pause or resume, edit, more, delete: what can be done to a task, on its own page. */
export function TaskActions({ task, onDeleted }: Props) {
  const { pause, resume, runNow, remove } = useTaskActions();
  const [asking, { open, close }] = useDisclosure(false);
  const [pausing, { open: askWhy, close: stopPausing }] = useDisclosure(false);
  const isPaused = task.state === "paused";
  return (
    <div className={classes.actions}>
      <Action
        icon="bolt"
        label="Run now"
        busy={runNow.isPending}
        isMain={"manual" in task.schedule}
        onClick={() => runNow.mutate(task)}
      />
      <Action
        icon={isPaused ? "play" : "pause"}
        label={isPaused ? "Resume" : "Pause"}
        busy={(isPaused ? resume : pause).isPending}
        off={task.state === "finished"}
        onClick={() => (isPaused ? resume.mutate(task) : askWhy())}
      />
      <EditLink id={task.id} />
      <MoreActions task={task} />
      <Action icon="trash" label="Delete" danger onClick={open} />
      {pausing && (
        <PauseDialog
          task={task}
          busy={pause.isPending}
          onPause={(note) => pause.mutate({ id: task.id, name: task.name, note }, { onSuccess: stopPausing })}
          onClose={stopPausing}
        />
      )}
      <DeleteDialog
        name={titleOf(task)}
        opened={asking}
        busy={remove.isPending}
        onClose={close}
        onConfirm={() => remove.mutate(task, { onSuccess: onDeleted, onSettled: close })}
      />
    </div>
  );
}

type ActionProps = {
  icon: IconName;
  label: string;
  busy?: boolean;
  off?: boolean;
  danger?: boolean;
  /** What a task is there for: one that has no times of its own is run by hand. */
  isMain?: boolean;
  onClick: () => void;
};

function Action({ icon, label, busy, off, danger, isMain, onClick }: ActionProps) {
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

function EditLink({ id }: { id: string }) {
  return (
    <Guarded needs="operator">
      {(isOff) => (
        <Button
          variant="default"
          leftSection={<Icon name="edit" />}
          disabled={isOff}
          renderRoot={
            isOff
              ? undefined
              : (props) => <Link to="/tasks/$taskId/edit" params={{ taskId: id }} {...props} />
          }
        >
          Edit
        </Button>
      )}
    </Guarded>
  );
}
