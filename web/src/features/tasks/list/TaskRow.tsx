import { Checkbox } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { memo } from "react";
import { TaskStateMark } from "@/components/TaskStateMark";
import type { RecentRun } from "@/lib/recentRuns";
import { type TaskItem, titleOf, written } from "@/lib/task";
import { LastRuns } from "./LastRuns";
import { NextRun } from "./NextRun";
import { RowActions } from "./RowActions";
import { RowTags } from "./RowTags";
import classes from "./TaskTable.module.css";
import type { Deed, Deeds } from "./useDeeds";

type Props = {
  task: TaskItem;
  runs: readonly RecentRun[] | undefined;
  isLate: boolean;
  isChosen: boolean;
  onChoose: (id: string, isChosen: boolean, isRange: boolean) => void;
  onTag: (tag: string) => void;
  deeds: Deeds;
  busy: Deed | undefined;
};

/** A task in one line of the table; in two on a phone. */
export const TaskRow = memo(function TaskRow(props: Props) {
  const { task, runs, isLate, isChosen, onChoose, onTag, deeds, busy } = props;
  const title = titleOf(task);
  return (
    <tr data-state={task.state} data-chosen={isChosen || undefined}>
      <td className={classes.check}>
        <Checkbox
          size="xs"
          aria-label={`Select ${title}`}
          checked={isChosen}
          onChange={(e) =>
            onChoose(
              task.id,
              e.currentTarget.checked,
              "shiftKey" in e.nativeEvent && !!e.nativeEvent.shiftKey,
            )
          }
        />
      </td>
      <th scope="row" className={classes.task}>
        <Link
          to="/tasks/$taskId"
          params={{ taskId: task.id }}
          className={classes.name}
          title={title}
          data-row-link
        >
          {title}
        </Link>
        {title !== task.id && <span className={`${classes.id} mono`}>{task.id}</span>}
      </th>
      <td className={classes.schedule} title={written(task.schedule) || undefined}>
        {task.schedule_description}
      </td>
      <td className={classes.next}>
        <NextRun task={task} isOverdue={isLate} />
      </td>
      <td className={classes.last}>
        <LastRuns task={task} runs={runs} />
      </td>
      <td className={classes.state} title={task.pause?.note ?? undefined}>
        <TaskStateMark state={task.state} />
        {task.pause?.by && (
          <span className={classes.by}>by {task.pause.by === "tasker" ? "Tasker" : task.pause.by}</span>
        )}
      </td>
      <td className={`${classes.handler} mono`} title={task.handler}>
        {task.handler}
      </td>
      <td className={classes.tags}>
        <RowTags tags={task.tags} onPick={onTag} />
      </td>
      <td className={classes.actions}>
        <RowActions task={task} deeds={deeds} busy={busy} />
      </td>
    </tr>
  );
});
