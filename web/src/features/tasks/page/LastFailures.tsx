import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Card } from "@/components/Card";
import { useInstants } from "@/lib/instant";
import { type Task, zoneOfSchedule } from "@/lib/task";
import classes from "./LastFailures.module.css";
import { statsQuery } from "./statsQuery";

/** The newest runs of a task that failed, and why; nothing where none has. */
export function LastFailures({ task }: { task: Pick<Task, "id" | "schedule"> }) {
  const { data } = useQuery(statsQuery(task.id));
  const { exact } = useInstants(zoneOfSchedule(task.schedule));
  const failures = data?.last_failures ?? [];
  if (failures.length === 0) return null;
  return (
    <Card
      title="Last failures"
      action={
        <Link to="/runs" search={{ task_id: task.id, state: "failed" }}>
          All that failed
        </Link>
      }
    >
      <ul className={classes.failures}>
        {failures.map(({ run_id, nominal_at, attempt, error }) => (
          <li key={run_id}>
            <Link to="/runs/$runId" params={{ runId: run_id }}>
              <time dateTime={nominal_at}>{exact(nominal_at)}</time>
            </Link>
            {attempt > 1 && <span className="dim"> after {attempt} attempts</span>}
            {error && <div className={classes.error}>{error.message}</div>}
          </li>
        ))}
      </ul>
    </Card>
  );
}
