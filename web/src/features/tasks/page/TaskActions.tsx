import { useDisclosure } from "@mantine/hooks";
import { Link } from "@tanstack/react-router";
import { OperatorButton } from "@/components/OperatorButton";
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
      <OperatorButton
        variant={"manual" in task.schedule ? "filled" : "default"} // without times of its own it is there to be run by hand
        icon="bolt"
        loading={runNow.isPending}
        onClick={() => runNow.mutate(task)}
      >
        Run now
      </OperatorButton>
      <OperatorButton
        variant="default"
        icon={isPaused ? "play" : "pause"}
        loading={(isPaused ? resume : pause).isPending}
        disabled={task.state === "finished"}
        onClick={() => (isPaused ? resume.mutate(task) : askWhy())}
      >
        {isPaused ? "Resume" : "Pause"}
      </OperatorButton>
      <OperatorButton
        variant="default"
        icon="edit"
        renderRoot={(props) => <Link to="/tasks/$taskId/edit" params={{ taskId: task.id }} {...props} />}
      >
        Edit
      </OperatorButton>
      <MoreActions task={task} />
      <OperatorButton variant="default" className={classes.danger} icon="trash" onClick={open}>
        Delete
      </OperatorButton>
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
