import { expect, it } from "vitest";
import { columnOf, rowsOf } from "./rows";

const bucket = (minute: number, runs = 1) => ({
  at: new Date(Date.UTC(2026, 0, 1, 7, minute)).toISOString(),
  runs,
});
const position = (at: string) => columnOf(at.slice(11, 19), 3_600_000, 60);

it("begins each row at a whole one by the clock", () => {
  const rows = rowsOf([bucket(58), bucket(59), bucket(60), bucket(61)], 60, position);
  expect(rows.map(({ cells }) => cells.length)).toEqual([60, 2]);
  expect(rows[0]?.cells.slice(0, 58).every((cell) => cell === null)).toBe(true);
  expect(rows[1]?.cells[0]?.at).toBe("2026-01-01T08:00:00.000Z");
});

it("begins a row anew where the clock is set back", () => {
  // 02:00 to 02:59 comes twice.
  const clock = [58, 59, 0, 1];
  const buckets = clock.map((_, i) => bucket(i));
  const rows = rowsOf(buckets, 60, (at) => clock[buckets.findIndex((one) => one.at === at)] ?? 0);
  expect(rows.map(({ cells }) => cells.filter(Boolean).length)).toEqual([2, 2]);
});

it("leaves a hole where the clock is set forward", () => {
  const clock = [0, 1, 30, 31];
  const buckets = clock.map((_, i) => bucket(i));
  const rows = rowsOf(buckets, 60, (at) => clock[buckets.findIndex((one) => one.at === at)] ?? 0);
  expect(rows).toHaveLength(1);
  expect(rows[0]?.cells).toHaveLength(32);
});
