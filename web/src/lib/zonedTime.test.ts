import { expect, it } from "vitest";
import { fromZoned, toZoned } from "./zonedTime";

it.each([
  ["2026-07-01T12:00:00", "2026-07-01T10:00:00.000Z"],
  ["2026-12-24T18:00", "2026-12-24T17:00:00.000Z"],
  ["2026-10-25T02:30:00", "2026-10-25T00:30:00.000Z"], // there are two
  ["2026-03-29T02:30:00", "2026-03-29T01:30:00.000Z"], // there is none
])("reads %s by the clock of Berlin as %s", (local, instant) => {
  expect(fromZoned(local, "Europe/Berlin")).toBe(instant);
});

it("writes an instant by the clock of a zone, and reads it again", () => {
  const instant = "2026-07-01T22:30:05.000Z";
  expect(toZoned(instant, "Europe/Berlin")).toBe("2026-07-02T00:30:05");
  for (const zone of ["America/St_Johns", "UTC", "Pacific/Auckland"]) {
    expect(fromZoned(toZoned(instant, zone), zone)).toBe(instant);
  }
  expect(fromZoned("", "UTC")).toBeUndefined();
});

it("takes what a field for dates has while a year is typed", () => {
  expect(fromZoned("0002-01-01T00:00", "Europe/Berlin")).toMatch(/^0001-12-31T23:/);
  expect(fromZoned("20266-01-01T00:00", "Europe/Berlin")).toBeUndefined();
  expect(fromZoned("9999-12-31T23:59", "America/New_York")).toBeUndefined();
});
