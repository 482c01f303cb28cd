import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import type { Series, Tone } from "@/components/chart/series";
import { TimeChart } from "@/components/chart/TimeChart";
import { textOf } from "@/lib/problem";
import { OUTCOMES, type Outcome } from "@/lib/run";
import type { RunFilters } from "./filters";
import classes from "./Histogram.module.css";
import { histogramQuery } from "./queries";

const tones: Record<Outcome, Tone> = { succeeded: "ok", failed: "bad", cancelled: "warn", skipped: "ink-3" };
const say = (count: number) => Math.round(count).toLocaleString("en-GB");

type Props = { filters: RunFilters; onRange: (from: string, to: string) => void };

/** How many runs ended how, over the time that the log is of; a range of it is chosen by drawing over it. */
export function Histogram({ filters, onRange }: Props) {
  const { data, error } = useQuery(histogramQuery(filters));
  const only = OUTCOMES.find((outcome) => outcome === filters.state);
  const times = useMemo(() => data?.buckets.map(({ at }) => Date.parse(at) / 1_000) ?? [], [data]);
  const series = useMemo(
    () =>
      OUTCOMES.filter((outcome) => !only || outcome === only).map((outcome): Series => {
        const label = outcome.charAt(0).toUpperCase() + outcome.slice(1);
        return {
          label,
          tone: tones[outcome],
          values: data?.buckets.map((b) => b.outcomes[outcome] ?? 0) ?? [],
          overall: data?.outcomes[outcome] ?? 0,
        };
      }),
    [data, only],
  );
  const isPart = Boolean(filters.q || filters.kind || filters.lane);
  return (
    <section className={`sheet ${classes.histogram}`} aria-label="Runs over time">
      {data && (
        <TimeChart
          label="Runs over time"
          summary={OUTCOMES.map((outcome) => `${say(data.outcomes[outcome] ?? 0)} ${outcome}`).join(", ")}
          kind="bars"
          height={96}
          onSelect={(from, to) =>
            onRange(new Date(from * 1_000).toISOString(), new Date(to * 1_000).toISOString())
          }
          {...{ times, series, say }}
        />
      )}
      {!data && error && <p className={classes.note}>The histogram can't be shown: {textOf(error)}</p>}
      {!data && !error && <div className={classes.ghost} role="status" aria-label="Loading the histogram" />}
      {data && isPart && (
        <p className={classes.note}>
          Counted are all runs{filters.task_id ? " of the task" : ""}: search, kind and lane choose only what
          is listed.
        </p>
      )}
    </section>
  );
}
