import { inWords } from "@/lib/duration";
import { type Promised, STAGES } from "@/lib/stats";
import classes from "./OverviewPage.module.css";
import { PromiseCard } from "./PromiseCard";
import type { Range } from "./queries";

/** Where the time went between due and logged. */
export function StageTimes({ range }: { range: Range }) {
  return (
    <PromiseCard range={range} title="Where the time goes" about="from due to logged">
      {(promise) => (
        <div className={classes.stageTimes}>
          <Stages promise={promise} />
          <div>
            <p>{promise.text}</p>
            {promise.slowest_stage && (
              <p className="dim small">
                Slowest is {promise.slowest_stage.stage}: {promise.slowest_stage.text}.
              </p>
            )}
            {promise.notes.map((note) => (
              <p key={note} className="dim small">
                {note}
              </p>
            ))}
          </div>
        </div>
      )}
    </PromiseCard>
  );
}

function Stages({ promise }: { promise: Promised }) {
  const rows = STAGES.flatMap((stage) => {
    const summary = promise.stages[stage];
    return summary ? [{ stage, ...summary }] : [];
  });
  if (rows.length === 0) return <p className={classes.calm}>Nothing was due.</p>;
  return (
    <table className={classes.stages}>
      <thead>
        <tr>
          <th scope="col">Stage</th>
          <th scope="col">p50</th>
          <th scope="col">p99</th>
          <th scope="col">Worst</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ stage, p50_ms, p99_ms, worst_ms }) => (
          <tr key={stage}>
            <th scope="row">{stage.charAt(0).toUpperCase() + stage.slice(1)}</th>
            <td>{inWords(p50_ms)}</td>
            <td>{inWords(p99_ms)}</td>
            <td>{inWords(worst_ms)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
