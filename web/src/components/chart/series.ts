/** The colours of a series, as global.css names them. */
export type Tone = "ok" | "bad" | "warn" | "run" | "ink-3" | "accent";

/**
 * One value for each time; null: there is none. `overall` is that of all the time together, which the legend says while
 * nobody points at a time.
 */
export type Series = {
  label: string;
  tone: Tone;
  values: readonly (number | null)[];
  overall?: number | null;
};

/** What is drawn of bars that stand on each other: of each series its top, the highest first, so that all are seen. */
export function stacked(series: readonly Series[]): Series[] {
  const sums: number[] = [];
  const tops = series.map((one) => ({
    ...one,
    values: one.values.map((value, i) => {
      const top = (sums[i] ?? 0) + (value ?? 0);
      sums[i] = top;
      return top;
    }),
  }));
  return tops.reverse();
}
