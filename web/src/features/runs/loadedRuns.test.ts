import { describe, expect, it } from "vitest";
import { aRun } from "@/testing/samples";
import { appendOlder, keepRows, type LoadedRuns, MOST, mergeNewest, noRuns } from "./loadedRuns";

const ids = (loaded: LoadedRuns) => loaded.runs.map((r) => Number(r.id.slice(4)));
const page = (seconds: number[], next: string | null = "more") => ({
  items: seconds.map((s) => aRun(s)),
  next_cursor: next,
});
const start = mergeNewest(noRuns, page([5, 4, 3], "behind-3"));

describe("mergeNewest", () => {
  it("puts new runs before those that are known", () => {
    expect(ids(mergeNewest(start, page([7, 6, 5])))).toEqual([7, 6, 5, 4, 3]);
  });

  it("puts a late one in its place, not on top", () => {
    const known = mergeNewest(noRuns, page([9, 6, 3]));
    expect(ids(mergeNewest(known, page([9, 8, 6])))).toEqual([9, 8, 6, 3]);
  });

  it("goes on behind the last known one", () => {
    expect(mergeNewest(start, page([7, 6, 5], "behind-5")).cursor).toBe("behind-3");
  });

  it("drops what no longer matches the filter", () => {
    expect(ids(mergeNewest(start, page([5, 3])))).toEqual([5, 3]);
  });

  it("takes what became of a run", () => {
    const known = mergeNewest(noRuns, { items: [aRun(5, { state: "running" })], next_cursor: "x" });
    expect(mergeNewest(known, page([5])).runs[0]?.state).toBe("succeeded");
  });

  it("keeps the object of a run that is as it was", () => {
    const known = mergeNewest(noRuns, { items: [aRun(5), aRun(4, { state: "running" })], next_cursor: "x" });
    const [, five, four] = mergeNewest(known, page([6, 5, 4])).runs;
    expect(five).toBe(known.runs[0]);
    expect(four?.state).toBe("succeeded");
  });

  it("begins anew where more came than a page holds, for there would be a hole", () => {
    const again = mergeNewest(start, page([20, 19, 18], "behind-18"));
    expect(ids(again)).toEqual([20, 19, 18]);
    expect(again.cursor).toBe("behind-18");
  });
});

it("begins anew rather than growing without end", () => {
  let loaded = start;
  for (let last = 100; last < 3_000; last += 2) {
    loaded = mergeNewest(loaded, page([last, last - 1, last - 2, last - 3], `behind-${last - 3}`));
    expect(loaded.runs.length).toBeLessThanOrEqual(MOST);
  }
  expect(loaded.runs.length).toBeGreaterThan(4);
  const [oldest] = ids(loaded).slice(-1);
  expect(loaded.cursor).toBe(`behind-${oldest}`);
});

it("appends older runs once, and knows the end", () => {
  const older = appendOlder(start, page([3, 2, 1], null));
  expect(ids(older)).toEqual([5, 4, 3, 2, 1]);
  expect(older.cursor).toBeNull();
});

it("holds rows in their places, counts the new ones, and shows what became of the old", () => {
  const shown = mergeNewest(noRuns, { items: [aRun(5, { state: "running" }), aRun(4)], next_cursor: "x" });
  const latest = mergeNewest(shown, page([7, 6, 5, 4]));
  const { loaded, waiting } = keepRows(shown, latest);
  expect(ids(loaded)).toEqual([5, 4]);
  expect(waiting).toBe(2);
  expect(loaded.runs[0]?.state).toBe("succeeded");
});

it("says that there are more new ones than it counts, where the newest do not reach those that are shown", () => {
  const latest = mergeNewest(start, page([20, 19, 18], "behind-18"));
  expect(keepRows(start, latest)).toMatchObject({ waiting: 3, isMore: true });
  expect(keepRows(start, mergeNewest(start, page([6, 5])))).toMatchObject({ waiting: 1, isMore: false });
});
