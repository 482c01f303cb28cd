import { Link } from "@tanstack/react-router";
import { RunStateMark } from "@/components/RunStateMark";
import { Sentence } from "@/components/Sentence";
import { useInstants } from "@/lib/instant";
import type { Occurrence } from "@/lib/occurrence";
import { BackfillTime } from "./BackfillTime";
import { OccurrenceMark } from "./OccurrenceMark";
import classes from "./Occurrences.module.css";

type Props = {
  occurrence: Occurrence;
  taskId: string;
  zone?: string | null;
  /** A task that is not there any more runs nothing. */
  isThere: boolean;
};

/** One nominal time: what became of it, in the server's sentence, and where its run is. */
export function OccurrenceItem({ occurrence, taskId, zone, isThere }: Props) {
  const { exact, clockTime, dayOf } = useInstants(zone);
  const { nominal_at, effective_at, status, text, run, backfill } = occurrence;
  return (
    <li className={classes.item} data-status={status}>
      <div className={classes.when}>
        <time dateTime={nominal_at}>{exact(nominal_at)}</time>
        {effective_at !== nominal_at && (
          <span className="dim small">
            effective{" "}
            {dayOf(effective_at) === dayOf(nominal_at) ? clockTime(effective_at) : exact(effective_at)}
          </span>
        )}
      </div>
      <OccurrenceMark occurrence={occurrence} />
      <p className={classes.text}>
        <Sentence text={text} />
      </p>
      {(run || backfill || status === "missed") && (
        <div className={classes.links}>
          {run && (
            <Link to="/runs/$runId" params={{ runId: run.id }}>
              Open the run
            </Link>
          )}
          {backfill && (
            <span>
              <Link to="/runs/$runId" params={{ runId: backfill.id }}>
                Open the backfilled run
              </Link>{" "}
              <RunStateMark state={backfill.state} />
            </span>
          )}
          {status === "missed" && !backfill && isThere && (
            <BackfillTime taskId={taskId} nominalAt={nominal_at} zone={zone} />
          )}
        </div>
      )}
    </li>
  );
}
