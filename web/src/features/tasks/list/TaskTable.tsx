import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { Icon } from "@/components/Icon";
import { RelativeTime } from "@/components/RelativeTime";
import { RunStateMark } from "@/components/RunStateMark";
import table from "@/components/Table.module.css";
import { Tags } from "@/components/Tags";
import { TaskStateMark } from "@/components/TaskStateMark";
import { useInstants } from "@/lib/instant";
import { useNow } from "@/lib/now";
import { type TaskItem, titleOf, written, zoneOfSchedule } from "@/lib/task";
import type { Sort } from "./filters";
import { TaskActions } from "./TaskActions";
import classes from "./TaskTable.module.css";

type Props = {
  tasks: readonly TaskItem[];
  sort: Sort;
  onSort: (sort: Sort) => void;
  onTag: (tag: string) => void;
};

export function TaskTable({ tasks, sort, onSort, onTag }: Props) {
  const { zone } = useInstants();
  return (
    <table className={`${table.table} ${classes.table}`}>
      <caption className="sr-only">Tasks. Times are in {zone}.</caption>
      <thead>
        <tr>
          <SortedBy field="name" sort={sort} onSort={onSort}>
            Task
          </SortedBy>
          <th scope="col">Schedule</th>
          <SortedBy field="next_at" sort={sort} onSort={onSort}>
            Next run
          </SortedBy>
          <SortedBy field="last_outcome" sort={sort} onSort={onSort}>
            Last run
          </SortedBy>
          <th scope="col">State</th>
          <th scope="col">
            <span className="sr-only">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {tasks.map((task) => (
          <Row key={task.id} task={task} onTag={onTag} />
        ))}
      </tbody>
    </table>
  );
}

function Row({ task, onTag }: { task: TaskItem; onTag: (tag: string) => void }) {
  const last = task.last_run;
  return (
    <tr data-state={task.state}>
      <th scope="row" className={classes.task}>
        <Link to="/tasks/$taskId" params={{ taskId: task.id }} className={classes.name}>
          {titleOf(task)}
        </Link>
        <div className={classes.second}>
          {titleOf(task) !== task.id && <span className="mono">{task.id}</span>}
          <Tags tags={task.tags} onPick={onTag} />
        </div>
      </th>
      <td className={classes.schedule}>
        {task.schedule_description}
        <div className={`${classes.second} mono`}>{written(task.schedule)}</div>
      </td>
      <td className={classes.next}>
        <NextRun task={task} />
      </td>
      <td className={classes.last}>
        {last ? (
          <>
            <Link to="/runs/$runId" params={{ runId: last.id }} className={classes.run}>
              <RunStateMark state={last.state} />
            </Link>
            <div className={classes.second}>
              <RelativeTime at={last.finished_at ?? last.nominal_at} />
            </div>
          </>
        ) : (
          <None />
        )}
        {task.failures > 1 && <div className={classes.failures}>{task.failures} failures in a row</div>}
      </td>
      <td className={classes.state}>
        <TaskStateMark state={task.state} />
        {task.pause?.by && (
          <div className={classes.second} title={task.pause.note ?? undefined}>
            by {task.pause.by === "tasker" ? "Tasker" : task.pause.by}
          </div>
        )}
      </td>
      <td className={classes.actions}>
        <TaskActions task={task} />
      </td>
    </tr>
  );
}

function NextRun({ task }: { task: TaskItem }) {
  if ("manual" in task.schedule) return <span className={classes.none}>Only when triggered</span>;
  return task.next_at ? <Instant at={task.next_at} zone={zoneOfSchedule(task.schedule)} /> : <None />;
}

function Instant({ at, zone }: { at: string; zone: string | null }) {
  const now = useNow();
  const { compact, zoneAt } = useInstants(zone);
  return (
    <>
      {Date.parse(at) > now ? <RelativeTime at={at} zone={zone} /> : "due"}
      <div className={classes.second}>
        {compact(at, now)} {zoneAt(at)}
      </div>
    </>
  );
}

function None() {
  return (
    <span className={classes.none}>
      <span aria-hidden="true">–</span>
      <span className="sr-only">none</span>
    </span>
  );
}

type SortedByProps = {
  field: "name" | "next_at" | "last_outcome";
  sort: Sort;
  onSort: (sort: Sort) => void;
  children: ReactNode;
};

function SortedBy({ field, sort, onSort, children }: SortedByProps) {
  const way = sort === field ? "ascending" : sort === `-${field}` ? "descending" : undefined;
  return (
    <th scope="col" aria-sort={way ?? "none"}>
      <button
        type="button"
        className={classes.sorter}
        onClick={() => onSort(way === "ascending" ? `-${field}` : field)}
      >
        {children}
        {way && <Icon name={way === "ascending" ? "up" : "down"} size={12} />}
      </button>
    </th>
  );
}
