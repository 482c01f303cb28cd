import { Link } from "@tanstack/react-router";
import { CopyText } from "@/components/CopyText";
import type { Run } from "@/lib/run";
import classes from "../RunInspector.module.css";

/** So far around a run does the log show others of its task, or other alerts. */
const AROUND_MS = 3_600_000;

/** From a run to its task, to the nominal time that it is of, and to the runs around it. */
export function RunLinks({ run }: { run: Run }) {
  const { id, task_id, kind, nominal_at, effective_at } = run;
  const shifted = (ms: number) => new Date(Date.parse(effective_at) + ms).toISOString();
  const others = kind === "alert" ? { kind } : { task_id };
  const around = { ...others, from: shifted(-AROUND_MS), to: shifted(AROUND_MS) };
  const isOfSchedule = kind === "scheduled" || kind === "backfill";
  return (
    <div className={classes.links}>
      {kind !== "alert" && (
        <Link to="/tasks/$taskId" params={{ taskId: task_id }}>
          Open the task
        </Link>
      )}
      {isOfSchedule && (
        <Link
          to="/tasks/$taskId"
          params={{ taskId: task_id }}
          search={{ tab: "occurrences", order: "asc", at: nominal_at }}
        >
          Its occurrence
        </Link>
      )}
      <Link to="/runs/$runId" params={{ runId: id }} search={around}>
        Open in the log
      </Link>
      <CopyText label="Copy run id" text={id} />
    </div>
  );
}
