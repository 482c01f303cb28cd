import { useComputedColorScheme } from "@mantine/core";
import { useElementSize } from "@mantine/hooks";
import { OnDemand, part } from "@/components/OnDemand";
import { useInstants } from "@/lib/instant";
import type { Series } from "./series";
import classes from "./TimeChart.module.css";

/** uPlot is read when the first chart is drawn. */
const plotPart = part("The chart", () => import("./Plot").then((module) => module.Plot));

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
export function TimeChart({ label, summary, height = 180, times, ...plot }: Props) {
  const { ref, width } = useElementSize();
  const scheme = useComputedColorScheme();
  const { zone, minuteTime, shortDay, zoneAt } = useInstants();
  const first = times[0] ?? 0;
  const isLong = (times.at(-1) ?? 0) - first > 2 * 86_400;
  const tick = (seconds: number) => {
    const at = new Date(seconds * 1_000).toISOString();
    return isLong ? shortDay(at) : minuteTime(at);
  };
  const moment = (seconds: number) => {
    const at = new Date(seconds * 1_000).toISOString();
    return `${isLong ? `${shortDay(at)} ` : ""}${minuteTime(at)} ${zoneAt(at)}`;
  };
  return (
    <figure className={classes.figure} data-kind={plot.kind} ref={ref}>
      <figcaption className="sr-only">
        {label}. {summary}
      </figcaption>
      <div style={{ minHeight: height }}>
        {width > 0 && (
          <OnDemand
            key={`${scheme} ${zone}`}
            part={plotPart}
            props={{ zone, width, height, times, tick, moment, ...plot }}
          />
        )}
      </div>
    </figure>
  );
}
