import { useComputedColorScheme } from "@mantine/core";
import { useElementSize } from "@mantine/hooks";
import { lazy, Suspense } from "react";
import { useZoneChoice, zoneOf } from "@/lib/zone";
import type { Series } from "./series";
import classes from "./TimeChart.module.css";

/** uPlot is read when the first chart is drawn. */
const Plot = lazy(() => import("./Plot"));

type Props = {
  label: string;
  /** What the chart shows, in a sentence: for those who don't see it. */
  summary: string;
  /** The begin of each bucket, in seconds since 1970. */
  times: readonly number[];
  series: readonly Series[];
  kind: "bars" | "lines";
  /** A value as the axis and the legend say it. */
  say: (value: number) => string;
  /** A line across, with what it means. */
  limit?: number;
  height?: number;
  /** Hears of a part that is drawn over: its begin and end, in seconds since 1970. */
  onSelect?: (from: number, to: number) => void;
};

/** Values over time, by the chosen clock. */
export function TimeChart({ label, summary, height = 180, ...plot }: Props) {
  const { ref, width } = useElementSize();
  const scheme = useComputedColorScheme();
  const zone = zoneOf(useZoneChoice());
  return (
    <figure className={classes.figure} ref={ref}>
      <figcaption className="sr-only">
        {label}. {summary}
      </figcaption>
      <div aria-hidden="true" style={{ minHeight: height }}>
        {width > 0 && (
          <Suspense>
            <Plot key={`${scheme} ${zone}`} zone={zone} width={width} height={height} {...plot} />
          </Suspense>
        )}
      </div>
    </figure>
  );
}
