import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Card } from "@/components/Card";
import { Failed, Loading } from "@/components/ListStates";
import { RelativeTime } from "@/components/RelativeTime";
import { RunStrip } from "@/components/RunStrip";
import { type RecentRun, recentRunsQuery } from "@/lib/recentRuns";
import { type TaskItem, titleOf } from "@/lib/task";
import classes from "./OverviewPage.module.css";
import { failingQuery } from "./queries";

/** The tasks that fail most, how long they do, and why. */
export function FailingTasks() {
  const { data, error, isPending, refetch } = useQuery(failingQuery);
  const tasks = data?.items ?? [];
  const { data: recent } = useQuery(recentRunsQuery(tasks.map(({ id }) => id)));
  return (
    <Card
      title="Failing"
      about="most failures in a row first"
      action={
        tasks.length > 0 && (
          <Link to="/tasks" search={{ min_failures: "1", sort: "-failures" }}>
            All failing tasks
          </Link>
        )
      }
    >
      {isPending && <Loading label="Loading failing tasks" rows={4} />}
      {!data && error && (
        <Failed title="Failing tasks can't be shown" error={error} onRetry={() => void refetch()} />
      )}
      {data && tasks.length === 0 && (
        <p className={classes.calm}>No task has failed since its last success.</p>
      )}
      {tasks.length > 0 && (
        <ul className={classes.list} aria-label="Failing tasks">
          {tasks.map((task) => (
            <FailingTask key={task.id} task={task} runs={recent?.[task.id]} />
          ))}
        </ul>
      )}
    </Card>
  );
}

function FailingTask({ task, runs }: { task: TaskItem; runs: readonly RecentRun[] | undefined }) {
  const failed = runs?.find(({ state }) => state === "failed");
  return (
    <li>
      <Link to="/tasks/$taskId" params={{ taskId: task.id }} className={classes.name} data-row-link>
        {titleOf(task)}
      </Link>
      <RunStrip runs={runs} />
      <span className={classes.amount}>
        {task.failures >= 100 ? "100 or more" : task.failures} {task.failures === 1 ? "failure" : "in a row"}
      </span>
      <span className={classes.why}>
        {failed ? (
          <>
            <Link to="/runs/$runId" params={{ runId: failed.id }}>
              <RelativeTime at={failed.finished_at ?? failed.nominal_at} />
            </Link>
            {": "}
            <span title={failed.error?.message}>{failed.error?.message ?? "no reason is known"}</span>
          </>
        ) : (
          " "
        )}
      </span>
    </li>
  );
}
