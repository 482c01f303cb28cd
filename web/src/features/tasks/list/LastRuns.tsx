import { Link } from "@tanstack/react-router";
import { RunStateMark } from "@/components/RunStateMark";
import { RunStrip } from "@/components/RunStrip";
import { relative, useInstants } from "@/lib/instant";
import { useNow } from "@/lib/now";
import type { RecentRun } from "@/lib/recentRuns";
import { type TaskItem, zoneOfSchedule } from "@/lib/task";
import { None } from "./NextRun";
import classes from "./TaskTable.module.css";

type Props = { task: TaskItem; runs: readonly RecentRun[] | undefined };

/** How the last runs of a task went, the way to the newest, and how many failed in a row. */
export function LastRuns({ task, runs }: Props) {
  const now = useNow();
  const zone = zoneOfSchedule(task.schedule);
  const { exact } = useInstants(zone);
  const newest = runs?.[0] ?? task.last_run;
  const failures = task.failures > 1 && (
    <span className={classes.failures} title={`${task.failures} failures in a row`}>
      <span aria-hidden="true">×{task.failures}</span>
      <span className="sr-only">{task.failures} failures in a row</span>
    </span>
  );
  if (!newest) return failures || <None />;
  const at = newest.finished_at ?? newest.nominal_at;
  return (
    <>
      <RunStrip runs={runs} zone={zone} />
      <Link
        to="/runs/$runId"
        params={{ runId: newest.id }}
        className={classes.run}
        title={`The newest run: ${relative(at, now)}, ${exact(at)}`}
      >
        <RunStateMark state={newest.state} />
      </Link>
      {failures}
    </>
  );
}
