import { useQuery } from "@tanstack/react-query";
import { Card } from "@/components/Card";
import { Failed, Loading } from "@/components/ListStates";
import { inWords } from "@/lib/duration";
import { type Promised, STAGES } from "@/lib/stats";
import classes from "./OverviewPage.module.css";
import { promiseQuery, type Range } from "./queries";

/** Where the time went between due and logged. */
export function StageTimes({ range }: { range: Range }) {
  const { data, error, isPending, refetch } = useQuery(promiseQuery(range));
  return (
    <Card title="Where the time goes" about="from due to logged">
      {isPending && <Loading label="Loading where the time goes" rows={4} />}
      {!data && error && (
        <Failed title="Where the time goes can't be shown" error={error} onRetry={() => void refetch()} />
      )}
      {data && (
        <div className={classes.stageTimes}>
          <Stages promise={data} />
          <div>
            <p>{data.text}</p>
            {data.slowest_stage && (
              <p className="dim small">
                Slowest is {data.slowest_stage.stage}: {data.slowest_stage.text}.
              </p>
            )}
            {data.notes.map((note) => (
              <p key={note} className="dim small">
                {note}
              </p>
            ))}
          </div>
        </div>
      )}
    </Card>
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
