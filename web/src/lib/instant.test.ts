import { expect, it } from "vitest";
import { relative, zoneAt } from "./instant";

const now = Date.parse("2026-11-25T09:00:00Z");
const at = (seconds: number) => new Date(now + seconds * 1_000).toISOString();

it.each([
  [0.4, "now"],
  [5, "in 5 s"],
  [-59, "59 s ago"],
  [240, "in 4 min"],
  [-7_200, "2 h ago"],
  [86_400 * 29, "in 29 d"],
])("shows %d s from now as %s", (seconds, words) => {
  expect(relative(at(seconds), now)).toBe(words);
});

it("names the zone as it is at that instant", () => {
  expect(zoneAt("2026-07-01T00:00:00Z")).not.toBe("");
});
