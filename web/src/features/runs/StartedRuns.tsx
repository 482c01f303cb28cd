import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { RunStateMark } from "@/components/RunStateMark";
import type { Run } from "@/lib/run";
import { startedQuery } from "./queries";
import classes from "./RunInspector.module.css";

/** The run whose end started this one, and the tasks that led to it. */
export function StartedAfter({ after, taskId }: { after: NonNullable<Run["after"]>; taskId: string }) {
  return (
    <>
      <Link to="/runs/$runId" params={{ runId: after.run_id }}>
        The run of {after.task_id}
      </Link>{" "}
      that {after.outcome}
      {after.chain.length > 1 && <div className="dim">{[...after.chain, taskId].join(" → ")}</div>}
    </>
  );
}

/** The runs that the end of this one has started; nothing where there are none. */
export function StartedRuns({ run }: { run: Run }) {
  const hasEnded = run.state === "succeeded" || run.state === "failed";
  const { data } = useQuery({ ...startedQuery(run.id), enabled: hasEnded });
  if (!data || data.items.length === 0) return null;
  return (
    <section className={classes.part} aria-label="Then started">
      <h3>Then started</h3>
      <ul className={classes.started}>
        {data.items.map((one) => (
          <li key={one.id}>
            <Link to="/runs/$runId" params={{ runId: one.id }}>
              {one.task_name || one.task_id}
            </Link>
            <RunStateMark state={one.state} />
          </li>
        ))}
      </ul>
    </section>
  );
}
