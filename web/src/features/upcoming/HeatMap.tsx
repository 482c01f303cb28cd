import { useMemo } from "react";
import { heat } from "@/components/HeatStrip";
import { useInstants } from "@/lib/instant";
import type { Forecast } from "@/lib/stats";
import { SPANS, type Span } from "./filters";
import classes from "./HeatMap.module.css";
import { columnOf, rowsOf } from "./rows";

type Props = { forecast: Forecast; span: Span; capacity: number };

const lengths: Record<string, number> = { PT10S: 10, PT1M: 60, PT15M: 900, PT1H: 3_600 };

/** What comes, as a map: a row for each hour or day, a cell for each bucket; what is more than the capacity is red. */
export function HeatMap({ forecast, span, capacity }: Props) {
  const { clockTime, minuteTime, dayShort, exact, zone } = useInstants();
  const { columns, bucket } = SPANS[span];
  const seconds = lengths[bucket] ?? 60;
  const limit = capacity * seconds;
  const rows = useMemo(() => {
    const rowMs = seconds * columns * 1_000;
    return rowsOf(forecast.buckets, columns, (at) => columnOf(clockTime(at), rowMs, columns));
  }, [forecast, columns, seconds, clockTime]);
  const highest = Math.max(1, ...forecast.buckets.map(({ runs }) => runs));
  const over = forecast.buckets.filter(({ runs }) => runs > limit);
  return (
    <figure className={classes.figure}>
      <figcaption className="sr-only">
        {forecast.runs.toLocaleString("en-GB")} runs, in {rows.length} rows of one {SPANS[span].rowWord} each.
        Times are in {zone}. {over.length > 0 && `${over.length} cells are over the capacity.`}
      </figcaption>
      <div className={classes.map} aria-hidden="true">
        {rows.map((row) => (
          <div key={row.at} className={classes.row}>
            <span className={classes.when}>
              {span === "week" || span === "month" ? dayShort(row.at).slice(0, -5) : minuteTime(row.at)}
            </span>
            <div
              className={classes.cells}
              style={{ gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))` }}
            >
              {row.cells.map((cell, i) =>
                cell ? (
                  <i
                    key={cell.at}
                    style={{ "--heat": heat(cell.runs, highest) } as React.CSSProperties}
                    data-over={cell.runs > limit || undefined}
                    title={`${exact(cell.at)}: ${cell.runs.toLocaleString("en-GB")} runs`}
                  />
                ) : (
                  // biome-ignore lint/suspicious/noArrayIndexKey: a hole is nothing but its place
                  <i key={i} data-hole />
                ),
              )}
            </div>
          </div>
        ))}
      </div>
      <p className={classes.scale} aria-hidden="true">
        <i style={{ "--heat": 0 } as React.CSSProperties} /> none
        <i style={{ "--heat": heat(1, highest) } as React.CSSProperties} /> 1
        <i style={{ "--heat": 1 } as React.CSSProperties} /> {highest.toLocaleString("en-GB")}
        <i data-over /> more than {limit.toLocaleString("en-GB")}
      </p>
    </figure>
  );
}
