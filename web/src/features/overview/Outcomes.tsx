import { useMemo } from "react";
import type { Series, Tone } from "@/components/chart/series";
import { TimeChart } from "@/components/chart/TimeChart";
import { spoken } from "@/lib/duration";
import { OUTCOMES, type Outcome } from "@/lib/run";
import type { Promised } from "@/lib/stats";
import { PromiseCard } from "./PromiseCard";
import type { Range } from "./queries";

const tones: Record<Outcome, Tone> = { succeeded: "ok", failed: "bad", cancelled: "warn", skipped: "ink-3" };
const say = (count: number) => Math.round(count).toLocaleString("en-GB");

/** How many runs ended how, over time. */
export function Outcomes({ range }: { range: Range }) {
  return (
    <PromiseCard
      range={range}
      title="Runs by outcome"
      about={({ bucket }) => `in each ${spoken(bucket).replace(/^1 /, "")}`}
    >
      {(promise) => <Chart promise={promise} />}
    </PromiseCard>
  );
}

function Chart({ promise }: { promise: Promised }) {
  const times = useMemo(() => promise.buckets.map(({ at }) => Date.parse(at) / 1_000), [promise]);
  const series = useMemo(
    () =>
      OUTCOMES.map((outcome): Series => {
        const label = outcome.charAt(0).toUpperCase() + outcome.slice(1);
        return {
          label,
          tone: tones[outcome],
          values: promise.buckets.map((b) => b.outcomes[outcome] ?? 0),
          overall: promise.outcomes[outcome] ?? 0,
        };
      }),
    [promise],
  );
  return (
    <TimeChart
      label="Runs by outcome"
      summary={OUTCOMES.map((outcome) => `${say(promise.outcomes[outcome] ?? 0)} ${outcome}`).join(", ")}
      kind="bars"
      height={150}
      {...{ times, series, say }}
    />
  );
}
