import { ActionIcon } from "@mantine/core";
import { useEffect, useRef } from "react";
import { Icon } from "@/components/Icon";
import { Failed, Loading } from "@/components/ListStates";
import { useEscape } from "@/components/useEscape";
import classes from "./RunInspector.module.css";
import { AbsentRun, ImpossibleRun } from "./run/AbsentRun";
import { RunDetails } from "./run/RunDetails";
import { useRun } from "./run/useRun";

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
      {data && <RunDetails run={data} />}
      {!isPossible && <ImpossibleRun id={id} />}
      {data === null && <AbsentRun since={since} onLook={lookAgain} />}
      {isPossible && isPending && <Loading label="Loading the run" rows={4} />}
      {!data && error && (
        <Failed title="The run can't be shown" error={error} onRetry={() => void refetch()} />
      )}
    </section>
  );
}
