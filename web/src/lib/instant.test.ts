import { expect, it } from "vitest";
import { instantsIn, relative } from "./instant";

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

it("shows the same instant by each clock, and names the zone as it is then", () => {
  const summer = "2026-07-01T22:30:00.041Z";
  const [berlin, utc] = [instantsIn("Europe/Berlin"), instantsIn("UTC")];
  expect(berlin.exact(summer)).toBe("Thu, 2 Jul 2026, 00:30:00 CEST");
  expect(utc.exact(summer)).toBe("Wed, 1 Jul 2026, 22:30:00 UTC");
  expect([berlin.clockTimeMs(summer), utc.minuteTime(summer)]).toEqual(["00:30:00.041", "22:30"]);
  expect(berlin.dayOf(summer)).not.toBe(utc.dayOf(summer));
  expect(berlin.zoneAt("2026-12-01T00:00:00Z")).toBe("CET");
  expect(instantsIn("UTC")).toBe(utc);
});

it("is short for what is near", () => {
  const { compact } = instantsIn("UTC");
  expect(compact("2026-11-25T10:00:00Z", now)).toBe("10:00:00");
  expect(compact("2026-11-26T10:00:00Z", now)).toBe("Thu 26 Nov 10:00");
  expect(compact("2027-11-26T10:00:00Z", now)).toBe("Fri 26 Nov 2027 10:00");
});
