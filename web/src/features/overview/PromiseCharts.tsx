import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { Card } from "@/components/Card";
import type { Series, Tone } from "@/components/chart/series";
import { TimeChart } from "@/components/chart/TimeChart";
import { Failed, Loading } from "@/components/ListStates";
import { inWords } from "@/lib/duration";
import { OUTCOMES, type Outcome, PROMISE_MS } from "@/lib/run";
import { type Promised, STAGES } from "@/lib/stats";
import classes from "./OverviewPage.module.css";
import { promiseQuery, type Range } from "./queries";

const tones: Record<Outcome, Tone> = { succeeded: "ok", failed: "bad", cancelled: "warn", skipped: "ink-3" };
const say = (count: number) => Math.round(count).toLocaleString("en-GB");

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
      <Outcomes promise={data} />
      <Lateness promise={data} />
      <Card title="Where the time goes" about="from due to logged">
        <Stages promise={data} />
      </Card>
      <Card title="The promise" about="each run is executed and logged within 10 s">
        <p className={classes.calm}>{data.text}</p>
        {data.slowest_stage && <p className={classes.calm}>{data.slowest_stage.text}</p>}
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

function Outcomes({ promise }: { promise: Promised }) {
  const times = useMemo(() => timesOf(promise), [promise]);
  const series = useMemo(
    () =>
      OUTCOMES.map((outcome): Series => {
        const label = outcome.charAt(0).toUpperCase() + outcome.slice(1);
        return { label, tone: tones[outcome], values: promise.buckets.map((b) => b.outcomes[outcome] ?? 0) };
      }),
    [promise],
  );
  const total = (outcome: Outcome) => promise.outcomes[outcome] ?? 0;
  return (
    <Card title="Runs by outcome" about={`every ${bucketWords(promise)}`}>
      <TimeChart
        label="Runs by outcome"
        summary={OUTCOMES.map((outcome) => `${say(total(outcome))} ${outcome}`).join(", ")}
        kind="bars"
        {...{ times, series, say }}
      />
    </Card>
  );
}

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

function bucketWords({ bucket }: Promised): string {
  const words: Record<string, string> = {
    PT1M: "minute",
    PT15M: "15 minutes",
    PT1H: "hour",
    PT5M: "5 minutes",
  };
  return words[bucket] ?? bucket;
}
