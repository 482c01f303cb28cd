import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Card } from "@/components/Card";
import { Failed, Loading } from "@/components/ListStates";
import { RelativeTime } from "@/components/RelativeTime";
import { titleOf } from "@/lib/task";
import classes from "./OverviewPage.module.css";
import { lateQuery } from "./queries";

/** Tasks whose run should have been logged by now. */
export function LateTasks() {
  const { data, error, isPending, refetch } = useQuery(lateQuery);
  const tasks = data?.items ?? [];
  return (
    <Card
      title="Late"
      action={
        tasks.length > 0 && (
          <Link to="/tasks" search={{ late: "true", sort: "next_at" }}>
            All late tasks
          </Link>
        )
      }
    >
      {isPending && <Loading label="Loading late tasks" rows={2} />}
      {!data && error && (
        <Failed title="Late tasks can't be shown" error={error} onRetry={() => void refetch()} />
      )}
      {data && tasks.length === 0 && <p className={classes.calm}>Nothing is late.</p>}
      {tasks.length > 0 && (
        <ul className={classes.list} aria-label="Late tasks">
          {tasks.map((task) => (
            <li key={task.id}>
              <Link to="/tasks/$taskId" params={{ taskId: task.id }} className={classes.name} data-row-link>
                {titleOf(task)}
              </Link>
              <span className={classes.amount}>due {task.due_at && <RelativeTime at={task.due_at} />}</span>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
