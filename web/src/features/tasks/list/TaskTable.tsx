import { Checkbox } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Icon } from "@/components/Icon";
import table from "@/components/Table.module.css";
import { useInstants } from "@/lib/instant";
import { recentRunsQuery } from "@/lib/recentRuns";
import type { TaskItem } from "@/lib/task";
import type { Selection } from "../bulk/useSelection";
import type { Sort } from "./filters";
import { isLate } from "./late";
import { TaskRow } from "./TaskRow";
import classes from "./TaskTable.module.css";
import { useDeeds } from "./useDeeds";

type Props = {
  tasks: readonly TaskItem[];
  /** When the list was read, in milliseconds since the epoch. */
  readAt: number;
  sort: Sort;
  selection: Selection;
  onSort: (sort: Sort) => void;
  onTag: (tag: string) => void;
};

/** Tasks, one a line. */
export function TaskTable({ tasks, readAt, sort, selection, onSort, onTag }: Props) {
  const { zone } = useInstants();
  const runs = useQuery(recentRunsQuery(tasks.map(({ id }) => id).sort())).data;
  const { deeds, busy, dialog } = useDeeds();
  return (
    <>
      <table className={`${table.table} ${classes.table}`}>
        <caption className="sr-only">Tasks. Times are in {zone} where they name no other zone.</caption>
        <thead>
          <tr>
            <th scope="col" className={classes.check}>
              <Checkbox
                size="xs"
                aria-label="Select all on this page"
                checked={selection.isPage}
                indeterminate={!selection.isPage && selection.ids.length > 0}
                onChange={(e) => selection.choosePage(e.currentTarget.checked)}
              />
            </th>
            <SortedBy field="name" sort={sort} onSort={onSort}>
              Task
            </SortedBy>
            <th scope="col" className={classes.schedule}>
              Schedule
            </th>
            <SortedBy field="next_at" sort={sort} onSort={onSort} className={classes.next}>
              Next run
            </SortedBy>
            <SortedBy field="last_outcome" sort={sort} onSort={onSort} className={classes.last}>
              Last runs
            </SortedBy>
            <th scope="col" className={classes.state}>
              State
            </th>
            <th scope="col" className={classes.handler}>
              Handler
            </th>
            <th scope="col" className={classes.tags}>
              Tags
            </th>
            <th scope="col" className={classes.actions}>
              <span className="sr-only">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {tasks.map((task) => (
            <TaskRow
              key={task.id}
              task={task}
              runs={runs?.[task.id]}
              isLate={isLate(task, readAt)}
              isChosen={selection.has(task.id)}
              onChoose={selection.choose}
              onTag={onTag}
              deeds={deeds}
              busy={busy(task.id)}
            />
          ))}
        </tbody>
      </table>
      {dialog}
    </>
  );
}

type SortedByProps = {
  field: "name" | "next_at" | "last_outcome";
  sort: Sort;
  onSort: (sort: Sort) => void;
  className?: string;
  children: ReactNode;
};

function SortedBy({ field, sort, onSort, className, children }: SortedByProps) {
  const way = sort === field ? "ascending" : sort === `-${field}` ? "descending" : undefined;
  return (
    <th scope="col" aria-sort={way ?? "none"} className={className}>
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
