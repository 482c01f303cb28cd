import { Link } from "@tanstack/react-router";
import { Fragment, memo } from "react";
import { Icon } from "@/components/Icon";
import { RelativeTime } from "@/components/RelativeTime";
import { RunStateMark } from "@/components/RunStateMark";
import table from "@/components/Table.module.css";
import { inWords } from "@/lib/duration";
import { useInstants } from "@/lib/instant";
import { duration, isWanted, lateness, PROMISE_MS, type RunItem } from "@/lib/run";
import type { RunFilters } from "./filters";
import classes from "./RunTable.module.css";

/** Where all runs are one task's: its rows need not say which, and its clock can be told. */
export type OneTask = { zone: string | null };

type Props = { runs: readonly RunItem[]; filters: RunFilters; openRun?: string; ofTask?: OneTask };

/** Runs, newest first, under a heading for each day of the chosen clock. */
export function RunTable({ runs, filters, openRun, ofTask }: Props) {
  const { zone, dayName, dayOf, zoneAt } = useInstants(ofTask?.zone);
  return (
    <table className={`${table.table} ${classes.table}`} data-of-task={ofTask !== undefined || undefined}>
      <caption className="sr-only">Runs, newest first. Times are in {zone}.</caption>
      <thead>
        <tr>
          <th scope="col">Time{runs[0] && ` (${zoneAt(runs[0].effective_at)})`}</th>
          <th scope="col">State</th>
          {!ofTask && <th scope="col">Task</th>}
          <th scope="col" className={classes.amount}>
            Late
          </th>
          <th scope="col" className={classes.amount}>
            Took
          </th>
          <th scope="col">Outcome</th>
        </tr>
      </thead>
      <tbody>
        {runs.map((run, i) => {
          const day = dayOf(run.effective_at);
          const before = runs[i - 1];
          return (
            <Fragment key={run.id}>
              {(!before || dayOf(before.effective_at) !== day) && (
                <tr className={classes.day}>
                  <th scope="colgroup" colSpan={ofTask ? 5 : 6}>
                    {dayName(run.effective_at)}
                  </th>
                </tr>
              )}
              <Row
                run={run}
                filters={filters}
                isOpen={run.id === openRun}
                isOfTask={ofTask !== undefined}
                taskZone={ofTask?.zone}
              />
            </Fragment>
          );
        })}
      </tbody>
    </table>
  );
}

type RowProps = {
  run: RunItem;
  filters: RunFilters;
  isOpen: boolean;
  isOfTask: boolean;
  taskZone: string | null | undefined;
};

const Row = memo(function Row({ run, filters, isOpen, isOfTask, taskZone }: RowProps) {
  const { clockTime, dayOf, exact, shortDay } = useInstants(taskZone);
  const late = lateness(run);
  const took = duration(run);
  // Runs stand in the order in which they are due, which may be the day after what the schedule says.
  const isOfDay = dayOf(run.nominal_at) === dayOf(run.effective_at);
  const isPlain = !run.error && run.kind === "scheduled" && run.attempt === 1;

  return (
    <tr className={classes.run} data-open={isOpen || undefined}>
      <td className={classes.time}>
        <Link
          to="/runs/$runId"
          params={{ runId: run.id }}
          search={filters}
          aria-current={isOpen || undefined}
          data-run={run.id}
          data-row-link
          title={exact(run.nominal_at)}
          resetScroll={false}
        >
          <time dateTime={run.nominal_at}>
            {!isOfDay && <span className={classes.ofDay}>{shortDay(run.nominal_at)}</span>}
            {!isOfDay && " "}
            {clockTime(run.nominal_at)}
          </time>
        </Link>
      </td>
      <td className={classes.state}>
        <RunStateMark state={run.state} />
      </td>
      {!isOfTask && (
        <td className={classes.task}>
          {run.task_name || run.task_id}
          {run.task_name && run.task_name !== run.task_id && run.kind !== "alert" && (
            <span className={`mono ${classes.id}`}>{run.task_id}</span>
          )}
        </td>
      )}
      <td className={`${classes.amount} ${classes.late}`}>{late !== null && <Late ms={late} />}</td>
      <td className={`${classes.amount} ${classes.took}`}>{took !== null && inWords(took)}</td>
      <td className={`${classes.outcome} ${isPlain ? classes.plain : ""}`}>
        {run.kind !== "scheduled" && <span className={classes.kind}>{run.kind}</span>}
        {run.attempt > 1 && <span className={classes.kind}>attempt {run.attempt}</span>}
        {run.retry_at && (
          <span className={classes.kind}>
            again <RelativeTime at={run.retry_at} />
          </span>
        )}
        {run.waiting_until && (
          <span className={classes.kind}>
            for its callback, <RelativeTime at={run.waiting_until} /> at most
          </span>
        )}
        {run.error ? (
          <span className={isWanted(run.state) ? undefined : classes.error} title={run.error.message}>
            {run.error.message}
          </span>
        ) : (
          <span>{run.handler}</span>
        )}
      </td>
    </tr>
  );
});

/** More than promised is said by a sign and a word too. */
function Late({ ms }: { ms: number }) {
  if (ms <= PROMISE_MS) return <>{inWords(ms)}</>;
  return (
    <span className={classes.tooLate} title="Later than the 10 s that Tasker promises">
      <Icon name="warn" size={13} />
      {inWords(ms)}
      <span className="sr-only"> too late</span>
    </span>
  );
}
