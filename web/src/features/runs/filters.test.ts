import { expect, it } from "vitest";
import { hides, queryOf, runFilters } from "./filters";

it("reads what it knows, and says what it does not", () => {
  const { filters, unknown } = runFilters({
    state: "weird",
    lane: "background",
    from: "2026-01-01T00:00:00+01:00",
  });
  expect(filters).toEqual({ lane: "background", from: "2025-12-31T23:00:00.000Z" });
  expect(unknown).toEqual([{ name: "state", value: "weird" }]);
  expect(runFilters({ from: "yesterday", to: "5" }).unknown).toHaveLength(2);
  expect([hides(filters), hides({})]).toEqual([true, false]);
});

it("asks for the last hour as it is now", () => {
  const now = Date.parse("2026-01-01T12:00:00Z");
  expect(queryOf({ last: "1h", q: "a" }, now)).toEqual({ q: "a", from: "2026-01-01T11:00:00.000Z" });
  expect(queryOf({ to: "2026-01-01T11:00:00.000Z" }, now)).toEqual({ to: "2026-01-01T11:00:00.000Z" });
});
