import { useMemo } from "react";
import type { Series } from "@/components/chart/series";
import { TimeChart } from "@/components/chart/TimeChart";
import { inWords } from "@/lib/duration";
import { PROMISE_MS } from "@/lib/run";
import type { Promised } from "@/lib/stats";
import { PromiseCard } from "./PromiseCard";
import type { Range } from "./queries";

/** How the promise was kept over time. */
export function Lateness({ range }: { range: Range }) {
  return (
    <PromiseCard range={range} title="From due to logged" about="without the time of the handler">
      {(promise) => <Chart promise={promise} />}
    </PromiseCard>
  );
}

function Chart({ promise }: { promise: Promised }) {
  const times = useMemo(() => promise.buckets.map(({ at }) => Date.parse(at) / 1_000), [promise]);
  const series = useMemo(
    (): Series[] => [
      {
        label: "Half within (p50)",
        tone: "accent",
        values: promise.buckets.map((b) => b.lateness?.p50_ms ?? null),
        overall: promise.lateness?.p50_ms,
      },
      {
        label: "99 % within (p99)",
        tone: "warn",
        values: promise.buckets.map((b) => b.lateness?.p99_ms ?? null),
        overall: promise.lateness?.p99_ms,
      },
    ],
    [promise],
  );
  const worst = promise.lateness?.worst_ms;
  return (
    <TimeChart
      label="From due to logged"
      summary={worst === undefined ? "Nothing was due." : `The worst took ${inWords(worst)}.`}
      kind="lines"
      height={150}
      say={inWords}
      limit={worst !== undefined && worst > PROMISE_MS / 4 ? PROMISE_MS : undefined}
      {...{ times, series }}
    />
  );
}
