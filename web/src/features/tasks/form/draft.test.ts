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

it("and the same options", () => {
  const bounds = { start: "2026-01-01T00:00:00Z", end: "2027-01-01T00:00:00Z", max_runs: 9, spread: "PT5M" };
  const exclude = ["2026-12-25", "* * * * SAT,SUN"];
  const schedule: Schedule = { every: "PT15M", anchor: "2026-01-01T00:00:00Z", ...bounds, exclude };
  const misfire = { policy: "none", grace: "PT5S", max: 1 } as const;
  const backoff = { initial: "PT1.5S", factor: 1.5, max: "PT1H30M", jitter: 0.025, max_age: "PT2H" };
  const retry = { max_attempts: 4, ...backoff };
  const others = { overlap: "queue_one", timeout: "PT5S", max_consecutive_failures: 5 } as const;
  const draft = draftOf(aTask({ schedule, misfire, retry, ...others }), "UTC");
  expect(scheduleOf(draft)).toEqual(schedule);
  const sent = { misfire, retry, ...others };
  expect(inputOf(draft, schedule)).toMatchObject(sent);
  const once = scheduleOf({ ...draft, kind: "at", at: "2026-12-24T18:00:00Z" });
  expect(once).toEqual({ at: "2026-12-24T18:00:00Z", spread: "PT5M" });
});

it("keeps what a newer server may know of a schedule, as long as its kind stays", () => {
  const draft = draftOf(aTask({ schedule: { every: "PT15M", colour: "red" } as Schedule }), "UTC");
  expect(scheduleOf(draft)).toHaveProperty("colour", "red");
  expect(scheduleOf({ ...draft, kind: "cron", cron: "* * * * *" })).not.toHaveProperty("colour");
});

it("says nothing of options that are as usual, and leaves what is no number to the server", () => {
  const sent = inputOf(draftOf(aTask(), "UTC"), { every: "PT1H" });
  const usual = ["misfire", "retry", "overlap", "max_consecutive_failures"];
  for (const name of usual) expect(sent).not.toHaveProperty(name);
  const typed = { ...blank("UTC"), cron: "* * * * *", retryAttempts: "many", maxRuns: "few" };
  expect(inputOf(typed, { every: "PT1H" }).retry?.max_attempts).toBe("many");
  expect(scheduleOf(typed)).toHaveProperty("max_runs", "few");
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
