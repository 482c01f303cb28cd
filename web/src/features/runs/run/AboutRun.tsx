import { Link } from "@tanstack/react-router";
import { DescriptionItem, DescriptionList } from "@/components/DescriptionList";
import { useInstants } from "@/lib/instant";
import type { Run } from "@/lib/run";
import { StartedAfter } from "../StartedRuns";

/** Of what a run is, and what carried it out. */
export function AboutRun({ run, zone }: { run: Run; zone: string | null }) {
  const { exact } = useInstants(zone);
  return (
    <DescriptionList>
      {run.kind === "alert" ? (
        <DescriptionItem name="Target">
          {run.task_name} <span className="mono dim">{run.task_id}</span>
        </DescriptionItem>
      ) : (
        <DescriptionItem name="Task">
          <Link to="/tasks/$taskId" params={{ taskId: run.task_id }}>
            {run.task_name || run.task_id}
          </Link>{" "}
          <span className="dim">version {run.version}</span>
        </DescriptionItem>
      )}
      {run.after && (
        <DescriptionItem name="Started after">
          <StartedAfter after={run.after} taskId={run.task_id} />
        </DescriptionItem>
      )}
      <DescriptionItem name="Nominal time">{exact(run.nominal_at)}</DescriptionItem>
      <DescriptionItem name="Kind">
        {run.kind}, {run.lane} lane, attempt {run.attempt}
      </DescriptionItem>
      <DescriptionItem name="Handler">
        <span className="mono">{run.handler}</span>
      </DescriptionItem>
      <DescriptionItem name="Worker">
        <span className="mono">{run.worker || "none yet"}</span>
      </DescriptionItem>
      <DescriptionItem name="Run id">
        <span className="mono">{run.id}</span>
      </DescriptionItem>
    </DescriptionList>
  );
}
