import { ActionIcon } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useEffect, useRef } from "react";
import { DescriptionItem, DescriptionList } from "@/components/DescriptionList";
import { Icon } from "@/components/Icon";
import { JsonView } from "@/components/JsonView";
import { Failed, Loading } from "@/components/ListStates";
import { RelativeTime } from "@/components/RelativeTime";
import { RunStateMark } from "@/components/RunStateMark";
import { useEscape } from "@/components/useEscape";
import { alertContent } from "@/lib/alert";
import { inWords } from "@/lib/duration";
import { useInstants } from "@/lib/instant";
import { duration, isUnfinished, isWanted, lateness, type Run } from "@/lib/run";
import { AlertedTasks } from "./AlertedTasks";
import { Attempts } from "./Attempts";
import { attemptsOf } from "./attempts";
import { RunActions } from "./RunActions";
import classes from "./RunInspector.module.css";
import { AbsentRun, ImpossibleRun } from "./run/AbsentRun";
import { useRun } from "./run/useRun";
import { Stages } from "./Stages";
import { StartedAfter, StartedRuns } from "./StartedRuns";

/** One run with all there is to know about it. Escape closes it. */
export function RunInspector({ id, onClose }: { id: string; onClose: () => void }) {
  const { data, error, isPossible, isPending, since, lookAgain, refetch } = useRun(id);
  const heading = useRef<HTMLHeadingElement>(null);
  const name = data && (data.task_name || data.task_id);

  useEffect(() => heading.current?.focus({ preventScroll: true }), []);
  useEscape(onClose);

  return (
    <section className={`sheet ${classes.inspector}`} aria-labelledby="run-heading">
      <header className={classes.header}>
        <h2 id="run-heading" ref={heading} tabIndex={-1}>
          {!name ? "Run" : data.kind === "alert" ? name : `Run of ${name}`}
        </h2>
        <ActionIcon variant="subtle" color="gray" aria-label="Close the run" onClick={onClose}>
          <Icon name="cross" />
        </ActionIcon>
      </header>
      {data && <Details run={data} />}
      {!isPossible && <ImpossibleRun id={id} />}
      {data === null && <AbsentRun since={since} onLook={lookAgain} />}
      {isPossible && isPending && <Loading label="Loading the run" rows={4} />}
      {!data && error && (
        <Failed title="The run can't be shown" error={error} onRetry={() => void refetch()} />
      )}
    </section>
  );
}

function Details({ run }: { run: Run }) {
  const { exact } = useInstants();
  const late = lateness(run);
  const took = duration(run);
  const told = alertContent(run);
  return (
    <>
      <p className={classes.summary} role="status">
        <RunStateMark state={run.state} />
        {late !== null && <span>{inWords(late)} late</span>}
        {took !== null && <span>took {inWords(took)}</span>}
        {run.retry_at && (
          <span>
            attempt {run.attempt + 1} <RelativeTime at={run.retry_at} />
          </span>
        )}
        {run.waiting_until && (
          <span>
            for its callback until <time dateTime={run.waiting_until}>{exact(run.waiting_until)}</time>
          </span>
        )}
      </p>
      <RunActions key={String(isUnfinished(run.state))} run={run} />
      {run.error && (
        <div className={classes.error} data-quiet={isWanted(run.state) || undefined}>
          {run.error.kind !== run.state && <span className="mono">{run.error.kind} </span>}
          {run.error.message}
        </div>
      )}
      {told ? <AlertedTasks content={told} /> : <StartedRuns run={run} />}
      <Part title="Stages">
        <Stages run={run} />
      </Part>
      {attemptsOf(run).length > 0 && (
        <Part title="Attempts">
          <Attempts run={run} />
        </Part>
      )}
      <Part title="Result">
        {run.result === null || run.result === undefined ? (
          <span className="dim">none</span>
        ) : (
          <JsonView value={run.result} label="Result" />
        )}
      </Part>
      <Part title="Payload">
        {run.payload === null || run.payload === undefined ? (
          <span className="dim">none</span>
        ) : (
          <JsonView value={run.payload} label="Payload" />
        )}
      </Part>
      <Part title="About">
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
      </Part>
    </>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className={classes.part}>
      <h3>{title}</h3>
      {children}
    </section>
  );
}
