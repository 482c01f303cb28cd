import { expect, it } from "vitest";
import { askedSpread, hides, taskFilters } from "./filters";

it("takes what makes sense from an address, and says what it leaves out", () => {
  const search = {
    ...{ q: "report", state: "paused", tag: ["a", "b"], handler: "5", sort: "-failures", cursor: "abc" },
    ...{ last_outcome: "failed", min_failures: "3", paused_by: "tasker" },
  };
  expect(taskFilters(search)).toEqual({ filters: { ...search, min_failures: 3 }, unknown: [] });
  expect(taskFilters({ tag: "a" }).filters).toEqual({ tag: ["a"] });
  expect(taskFilters({ late: "true" }).filters).toEqual({ late: true });
  const wrong = {
    late: "yes",
    bulk: "delete:all",
    state: "asleep",
    sort: "colour",
    min_failures: "0",
    last_outcome: "running",
  };
  const { filters, unknown } = taskFilters(wrong);
  expect(filters).toEqual({});
  expect(Object.fromEntries(unknown.map(({ name, value }) => [name, value]))).toEqual(wrong);
});

it("knows that an order hides nothing", () => {
  expect(hides({ sort: "-name", cursor: "abc", tag: [] })).toBe(false);
  expect(hides({ tag: ["ops"] })).toBe(true);
  expect(hides({ min_failures: 1 })).toBe(true);
  expect(hides({ late: true })).toBe(true);
  expect(hides({ bulk: "spread:PT5M" })).toBe(false);
});

it("takes a spread of all that match, but not of those that are late: others are the next second", () => {
  const { filters } = taskFilters({ tag: "a", bulk: "spread:PT5M" });
  expect(askedSpread(filters)).toBe("PT5M");
  const late = taskFilters({ late: "true", bulk: "spread:PT5M" });
  expect(askedSpread(late.filters)).toBeNull();
  expect(late.unknown).toEqual([{ name: "bulk", value: "spread:PT5M" }]);
});
