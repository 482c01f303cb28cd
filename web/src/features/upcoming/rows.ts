import type { Forecast } from "@/lib/stats";

type Bucket = Forecast["buckets"][number];
export type HeatRow = { at: string; cells: readonly (Bucket | null)[] };

/**
 * The buckets in rows of so many, each beginning at a whole row by the clock of a zone: 07:00 to 07:59, not 07:23 to
 * 08:22. What lies before the first bucket is null.
 */
export function rowsOf(
  buckets: readonly Bucket[],
  columns: number,
  positionOf: (at: string) => number,
): HeatRow[] {
  const rows: { at: string; cells: (Bucket | null)[] }[] = [];
  for (const bucket of buckets) {
    const column = Math.min(positionOf(bucket.at), columns - 1);
    const row = rows.at(-1);
    if (!row || column < row.cells.length) {
      const before = Array.from({ length: column }, () => null);
      rows.push({ at: bucket.at, cells: [...before, bucket] });
    } else {
      while (row.cells.length < column) row.cells.push(null);
      row.cells.push(bucket);
    }
  }
  return rows;
}

/** The column of an instant in a row of so many milliseconds, by the clock of a zone; `clock` gives "HH:mm:ss" there. */
export function columnOf(clock: string, rowMs: number, columns: number): number {
  const [hours = 0, minutes = 0, seconds = 0] = clock.split(":").map(Number);
  const ofDay = ((hours * 60 + minutes) * 60 + seconds) * 1_000;
  return Math.floor(((ofDay % rowMs) / rowMs) * columns);
}
