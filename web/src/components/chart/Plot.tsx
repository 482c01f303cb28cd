import { useEffect, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { type Series, stacked } from "./series";

type Props = {
  zone: string;
  width: number;
  height: number;
  times: readonly number[];
  series: readonly Series[];
  kind: "bars" | "lines";
  say: (value: number) => string;
  /** An instant, in seconds, as the axis says it, and in whole. */
  tick: (seconds: number) => string;
  moment: (seconds: number) => string;
  limit?: number;
  onSelect?: (from: number, to: number) => void;
};

/** What lines of an axis of numbers of things are apart: half a run would be said as a whole one. */
const WHOLE = Array.from({ length: 12 }, (_, power) => [1, 2, 5].map((n) => n * 10 ** power)).flat();

/** A chart on a canvas. Give it a key of what its colours and its clock depend on. */
export function Plot({
  zone,
  width,
  height,
  times,
  series,
  kind,
  say,
  tick,
  moment,
  limit,
  onSelect,
}: Props) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(null);
  const latest = useRef({ series, say, limit, tick, moment, onSelect });
  latest.current = { series, say, limit, tick, moment, onSelect };
  const names = series.map(({ label, tone }) => `${label} ${tone}`).join();

  // biome-ignore lint/correctness/useExhaustiveDependencies: size and data are set below, without drawing all anew
  useEffect(() => {
    if (!place.current) return;
    const made = new uPlot(options(), dataOf(times, series, kind), place.current);
    plot.current = made;
    return () => made.destroy();

    function options(): uPlot.Options {
      const style = getComputedStyle(document.documentElement);
      const colour = (name: string) => style.getPropertyValue(`--${name}`).trim();
      const axis = {
        stroke: colour("ink-2"),
        font: `12px ${style.getPropertyValue("--sans")}`,
        grid: { stroke: colour("line"), width: 1 },
        ticks: { show: false },
      };
      const drawn = kind === "bars" ? [...series].reverse() : series;
      return {
        width,
        height,
        padding: [8, 12, 0, 0],
        tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1_000), zone),
        cursor: {
          points: { show: kind === "lines" },
          drag: { x: onSelect !== undefined, y: false, setScale: false },
        },
        legend: { show: true },
        scales: {
          // A bar begins at its time: the last one stands behind it.
          x: kind === "bars" ? { range: (self, min, max) => [min, max + widthOfBar(self.data[0])] } : {},
          y: { range: (_, __, max) => [0, Math.max(max * 1.1, latest.current.limit ?? 0, 1)] },
        },
        axes: [
          {
            ...axis,
            space: 70,
            size: 28,
            values: (_, splits) => splits.map((seconds) => latest.current.tick(seconds)),
          },
          {
            ...axis,
            size: labelWidth,
            space: 22,
            incrs: kind === "bars" ? WHOLE : undefined,
            values: (_, values) => values.map((value) => latest.current.say(value)),
          },
        ],
        series: [
          { label: "", value: (_, seconds) => (seconds == null ? "" : latest.current.moment(seconds)) },
          ...drawn.map(({ label, tone }) => ({
            label,
            stroke: colour(tone),
            fill: kind === "bars" ? colour(tone) : undefined,
            width: kind === "bars" ? 0 : 2,
            points: { show: false },
            paths: kind === "bars" ? uPlot.paths.bars?.({ size: [0.8, 24], align: 1 }) : undefined,
            value: (_: uPlot, __: number | null, ___: number, at: number | null) => {
              const one = latest.current.series.find((found) => found.label === label);
              const value = at === null ? one?.overall : one?.values[at];
              return value === null || value === undefined ? "–" : latest.current.say(value);
            },
          })),
        ],
        hooks: {
          draw: [(self) => drawLimit(self, latest.current.limit, colour("bad"))],
          setSelect: [
            (self) => {
              const { left, width } = self.select;
              if (width < 4) return;
              latest.current.onSelect?.(self.posToVal(left, "x"), self.posToVal(left + width, "x"));
              self.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
            },
          ],
        },
      };
    }
  }, [kind, names, zone]);

  useEffect(() => plot.current?.setSize({ width, height }), [width, height]);
  useEffect(() => plot.current?.setData(dataOf(times, series, kind)), [times, series, kind]);
  return <div ref={place} aria-hidden="true" />;
}

function dataOf(
  times: readonly number[],
  series: readonly Series[],
  kind: "bars" | "lines",
): uPlot.AlignedData {
  const drawn = kind === "bars" ? stacked(series) : series;
  return [[...times], ...drawn.map(({ values }) => [...values])];
}

function widthOfBar([first = 0, second = first + 1]: ArrayLike<number> & Iterable<number>): number {
  return second - first;
}

/** Of the axis, in CSS pixels: what its longest label takes. */
function labelWidth(_: uPlot, labels: string[] | null): number {
  return 14 + 7 * Math.max(2, ...(labels ?? []).map((label) => label.length));
}

function drawLimit({ ctx, bbox, valToPos }: uPlot, limit: number | undefined, colour: string) {
  if (limit === undefined) return;
  const y = valToPos(limit, "y", true);
  ctx.save();
  ctx.strokeStyle = colour;
  ctx.setLineDash([5, 5]);
  ctx.beginPath();
  ctx.moveTo(bbox.left, y);
  ctx.lineTo(bbox.left + bbox.width, y);
  ctx.stroke();
  ctx.restore();
}
