import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { Card } from "@/components/Card";
import type { Series } from "@/components/chart/series";
import { TimeChart } from "@/components/chart/TimeChart";
import { Failed, Loading } from "@/components/ListStates";
import { inWords } from "@/lib/duration";
import { PROMISE_MS } from "@/lib/run";
import { type Promised, STAGES } from "@/lib/stats";
import classes from "./OverviewPage.module.css";
import { promiseQuery, type Range } from "./queries";

/** How the promise was kept over time, where the time went, and how runs ended. */
export function PromiseCharts({ range }: { range: Range }) {
  const { data, error, isPending, refetch } = useQuery(promiseQuery(range));
  if (isPending) return <Loading label="Loading how the promise was kept" rows={4} />;
  if (!data) {
    return (
      <div className="sheet">
        <Failed title="The promise can't be shown" error={error} onRetry={() => void refetch()} />
      </div>
    );
  }
  return (
    <div className={classes.charts}>
      <Lateness promise={data} />
      <Card title="Where the time goes" about="from due to logged">
        <Stages promise={data} />
        <p className={classes.said}>{data.text}</p>
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
      </Card>
    </div>
  );
}

const timesOf = ({ buckets }: Promised) => buckets.map(({ at }) => Date.parse(at) / 1_000);

function Lateness({ promise }: { promise: Promised }) {
  const times = useMemo(() => timesOf(promise), [promise]);
  const series = useMemo(
    (): Series[] => [
      {
        label: "Half within (p50)",
        tone: "accent",
        values: promise.buckets.map((b) => b.lateness?.p50_ms ?? null),
      },
      {
        label: "99 % within (p99)",
        tone: "warn",
        values: promise.buckets.map((b) => b.lateness?.p99_ms ?? null),
      },
    ],
    [promise],
  );
  const worst = promise.lateness?.worst_ms;
  return (
    <Card title="From due to logged" about="without the time of the handler">
      <TimeChart
        label="From due to logged"
        summary={worst === undefined ? "Nothing was due." : `The worst took ${inWords(worst)}.`}
        kind="lines"
        say={inWords}
        limit={worst !== undefined && worst > PROMISE_MS / 4 ? PROMISE_MS : undefined}
        {...{ times, series }}
      />
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
