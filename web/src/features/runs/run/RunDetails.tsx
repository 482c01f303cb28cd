import type { ReactNode } from "react";
import { JsonView } from "@/components/JsonView";
import { RelativeTime } from "@/components/RelativeTime";
import { RunStateMark } from "@/components/RunStateMark";
import { alertContent } from "@/lib/alert";
import { inWords } from "@/lib/duration";
import { readExact } from "@/lib/exactJson";
import { useInstants } from "@/lib/instant";
import { duration, isUnfinished, isWanted, lateness, type Run } from "@/lib/run";
import { useTaskZone } from "@/lib/taskZone";
import { AlertedTasks } from "../AlertedTasks";
import { Attempts } from "../Attempts";
import { attemptsOf } from "../attempts";
import { callOf } from "../http/call";
import { HttpRequest } from "../http/HttpRequest";
import { HttpResponse } from "../http/HttpResponse";
import { responseOf } from "../http/response";
import { RunActions } from "../RunActions";
import classes from "../RunInspector.module.css";
import { Stages } from "../Stages";
import { StartedRuns } from "../StartedRuns";
import { AboutRun } from "./AboutRun";
import { RunLinks } from "./RunLinks";

/** All there is to know about a run. Its times are by the chosen clock, which may be its task's. */
export function RunDetails({ run }: { run: Run }) {
  const zone = useTaskZone(run.kind === "alert" ? undefined : run.task_id);
  const { zone: shownZone } = useInstants(zone);
  const told = alertContent(run);
  const payload = asWritten(run.payload_json, run.payload);
  const call = callOf(run.handler, payload);
  const response = responseOf(run.handler, run.result);
  return (
    <>
      <Summary run={run} zone={zone} />
      <RunActions key={String(isUnfinished(run.state))} run={run} />
      <RunLinks run={run} />
      {run.error && (
        <div className={classes.error} data-quiet={isWanted(run.state) || undefined}>
          {run.error.kind !== run.state && <span className="mono">{run.error.kind} </span>}
          {run.error.message}
        </div>
      )}
      {told ? <AlertedTasks content={told} /> : <StartedRuns run={run} />}
      <Part title="Stages" about={`in ${shownZone}`}>
        <Stages run={run} zone={zone} />
      </Part>
      {attemptsOf(run).length > 0 && (
        <Part title="Attempts">
          <Attempts run={run} zone={zone} />
        </Part>
      )}
      {call && (
        <Part title="Request">
          <HttpRequest call={call} />
        </Part>
      )}
      {response ? (
        <Part title="Response">
          <HttpResponse response={response} />
        </Part>
      ) : (
        <Part title="Result">
          <Value value={asWritten(run.result_json, run.result)} label="Result" />
        </Part>
      )}
      <Part title="Payload">
        <Value value={payload} label="Payload" />
      </Part>
      <Part title="About">
        <AboutRun run={run} zone={zone} />
      </Part>
    </>
  );
}

function Summary({ run, zone }: { run: Run; zone: string | null }) {
  const { exact } = useInstants(zone);
  const late = lateness(run);
  const took = duration(run);
  return (
    <p className={classes.summary} role="status">
      <RunStateMark state={run.state} />
      {late !== null && <span>{inWords(late)} late</span>}
      {took !== null && <span>took {inWords(took)}</span>}
      {run.retry_at && (
        <span>
          attempt {run.attempt + 1} <RelativeTime at={run.retry_at} zone={zone} />
        </span>
      )}
      {run.waiting_until && (
        <span>
          for its callback until <time dateTime={run.waiting_until}>{exact(run.waiting_until)}</time>
        </span>
      )}
    </p>
  );
}

type PartProps = { title: string; about?: string; children: ReactNode };

function Part({ title, about, children }: PartProps) {
  return (
    <section className={classes.part}>
      <h3>
        {title} {about && <span className="dim small">{about}</span>}
      </h3>
      {children}
    </section>
  );
}

/** With every digit of its numbers. */
function asWritten(json: string | undefined, value: unknown): unknown {
  return json === undefined ? value : readExact(json);
}

function Value({ value, label }: { value: unknown; label: string }) {
  if (value === null || value === undefined) return <span className="dim">none</span>;
  return <JsonView value={value} label={label} />;
}
