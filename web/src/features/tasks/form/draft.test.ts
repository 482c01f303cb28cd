import { expect, it } from "vitest";
import type { Schedule } from "@/lib/task";
import { aTask } from "@/testing/samples";
import { blank, draftOf, inputOf, NotJson, payloadOf, scheduleOf } from "./draft";

it.each<[string, Schedule]>([
  ["cron", { cron: "0 9 * * *", timezone: "Asia/Tokyo", gap: "skip", fold: "both" }],
  ["interval", { every: "PT15M", anchor: "2026-01-01T00:00:00Z" }],
  ["interval that one unit can't say", { every: "PT1H30M", anchor: "2026-01-01T00:00:00Z" }],
  ["local time", { at: "2026-12-24T18:00:00", timezone: "Europe/Berlin" }],
  ["instant with offset", { at: "2026-12-24T18:00:00+01:00" }],
])("an edit that changes nothing sends the same schedule: %s", (_, schedule) => {
  expect(scheduleOf(draftOf(aTask({ schedule }), "Europe/Paris"))).toEqual(schedule);
});

it.each([
  ["default", { a: [1] }],
  ["default", null],
  ["default", "text"],
  ["curl", "https://example.com/"],
])("and the same payload: %s %j", (handler, payload) => {
  expect(payloadOf(draftOf(aTask({ handler, payload }), "UTC"))).toEqual(payload);
});

it("keeps the options that it does not show", () => {
  const options = { start: "2026-01-01T00:00:00Z", exclude: ["2026-12-25"], spread: "PT5M" };
  const schedule: Schedule = { every: "PT15M", anchor: "2026-01-01T00:00:00Z", ...options };
  const misfire = { policy: "none", grace: "PT5S", max: 1 } as const;
  const draft = draftOf(aTask({ schedule, misfire }), "UTC");
  expect(scheduleOf(draft)).toEqual(schedule);
  expect(inputOf(draft, schedule).misfire).toEqual(misfire);
  expect(scheduleOf({ ...draft, kind: "cron", cron: "* * * * *" })).not.toHaveProperty("exclude");
});

it("leaves the state of pause as it is", () => {
  const draft = draftOf(aTask({ paused: true }), "UTC");
  expect(inputOf(draft, { cron: "* * * * *" })).not.toHaveProperty("paused");
});

it("sends nothing while the main field is empty", () => {
  expect(scheduleOf(blank("UTC"))).toBeNull();
  expect(scheduleOf({ ...blank("UTC"), kind: "at" })).toBeNull();
});

it("does not take for JSON what is not", () => {
  expect(() => payloadOf({ ...blank("UTC"), payload: "{a: 1}" })).toThrow(NotJson);
});
