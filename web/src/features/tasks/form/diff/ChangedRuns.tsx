import { Icon } from "@/components/Icon";
import { useInstants } from "@/lib/instant";
import classes from "./ScheduleDiff.module.css";
import { shiftInWords } from "./shift";
import type { ChangedRun } from "./useScheduleDiff";

const icons = { added: "plus", removed: "cross", moved: "right" } as const;

/** The first runs that come, go and move, by time: by the chosen clock, and by the schedule's own where it is another. */
export function ChangedRuns({ runs, zone }: { runs: readonly ChangedRun[]; zone?: string }) {
  return (
    <ol className={classes.runs}>
      {runs.map((run) => (
        <li key={`${run.change} ${run.before?.at} ${run.after?.at}`} data-change={run.change}>
          <span className={classes.change}>
            <Icon name={icons[run.change]} size={13} /> {run.change}
          </span>
          <span className={classes.times}>
            {run.before && <Time {...run.before} zone={zone} />}
            {run.before && run.after && <span className="dim">{shiftInWords(run.by_seconds ?? 0)}, to</span>}
            {run.after && <Time {...run.after} zone={zone} />}
          </span>
        </li>
      ))}
    </ol>
  );
}

function Time({ at, local, zone }: { at: string; local: string; zone?: string }) {
  const { dayShort, clockTime, zoneAt, zone: shown } = useInstants(zone);
  return (
    <span>
      <time dateTime={at}>
        {dayShort(at)} {clockTime(at)} <span className="dim">{zoneAt(at)}</span>
      </time>
      {zone && zone !== shown && <span className="dim small"> · {local.slice(11, 19)} on its own clock</span>}
    </span>
  );
}
