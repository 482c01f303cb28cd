import { useInstants } from "@/lib/instant";
import classes from "./HeatStrip.module.css";

export type HeatBucket = { at: string; runs: number };
type Props = {
  buckets: readonly HeatBucket[];
  /** What is as dark as can be; without it the highest bucket. */
  capacity?: number;
  label: string;
};

/** How much comes when: a cell for each bucket, the darker the more. */
export function HeatStrip({ buckets, capacity, label }: Props) {
  const { minuteTime, zoneAt } = useInstants();
  const highest = Math.max(capacity ?? 0, ...buckets.map(({ runs }) => runs), 1);
  const first = buckets[0];
  const last = buckets.at(-1);
  const peak = buckets.reduce<HeatBucket | undefined>((a, b) => (a && a.runs >= b.runs ? a : b), undefined);
  const total = buckets.reduce((sum, { runs }) => sum + runs, 0);
  return (
    <figure className={classes.figure}>
      <figcaption className="sr-only">
        {label}: {total.toLocaleString("en-GB")} runs
        {peak &&
          peak.runs > 0 &&
          `, most of them at ${minuteTime(peak.at)}: ${peak.runs.toLocaleString("en-GB")}`}
        .
      </figcaption>
      <div className={classes.strip} aria-hidden="true">
        {buckets.map((bucket) => (
          <i
            key={bucket.at}
            style={{ "--heat": heat(bucket.runs, highest) } as React.CSSProperties}
            data-over={(capacity !== undefined && bucket.runs > capacity) || undefined}
            title={`${minuteTime(bucket.at)} ${zoneAt(bucket.at)}: ${bucket.runs.toLocaleString("en-GB")} runs`}
          />
        ))}
      </div>
      {first && last && (
        <div className={classes.ends} aria-hidden="true">
          <span>{minuteTime(first.at)}</span>
          <span>
            {minuteTime(last.at)} {zoneAt(last.at)}
          </span>
        </div>
      )}
    </figure>
  );
}

/** From 0 to 1: small amounts are told from none, and from each other, by the root. */
export function heat(runs: number, highest: number): number {
  return runs === 0 ? 0 : 0.12 + 0.88 * Math.sqrt(runs / highest);
}
