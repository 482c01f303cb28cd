import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { Empty, Loading } from "@/components/ListStates";
import { useNow } from "@/lib/now";
import classes from "../RunInspector.module.css";
import { WAIT_MS } from "./useRun";

/** In the place of a run that is not in the log: waits for it for a while, and then says so. */
export function AbsentRun({ since, onLook }: { since: number; onLook: () => void }) {
  const isGivenUp = useNow() - since >= WAIT_MS;
  if (!isGivenUp) {
    return (
      <>
        <p className={classes.soon} role="status">
          Not in the log yet. A run shows here once it has begun or ended.
        </p>
        <Loading label="Waiting for the run" rows={4} />
      </>
    );
  }
  const again = (
    <Button variant="default" onClick={onLook}>
      Look again
    </Button>
  );
  return (
    <Empty title="This run is not in the log" action={again}>
      It was looked for over {WAIT_MS / 1_000} seconds. It may wait for a free executor, the log may no longer
      keep it, or its id may be another one.
    </Empty>
  );
}

/** Told at once, without a question to the server. */
export function ImpossibleRun({ id }: { id: string }) {
  const all = (
    <Button variant="default" renderRoot={(props) => <Link to="/runs" {...props} />}>
      All runs
    </Button>
  );
  return (
    <Empty title="No run has this id" action={all}>
      A run's id has 32 digits from 0 to 9 and a to f; <span className="mono">{id}</span> is none. The log can
      be searched by the begin of an id.
    </Empty>
  );
}
