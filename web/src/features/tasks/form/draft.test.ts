import { expect, it } from "vitest";
import { aTask } from "@/testing/samples";
import { blank, draftOf, inputOf, NotJson, payloadOf } from "./draft";
import { scheduleOf, withKind } from "./schedule/schedule";

it.each([
  ["default", { a: [1] }],
  ["default", null],
  ["default", "text"],
  ["curl", "https://example.com/"],
  ["curl", { url: "https://example.com/", colour: "red" }],
])("and the same payload: %s %j", (handler, payload) => {
  expect(payloadOf(draftOf(aTask({ handler, payload }), "UTC"))).toEqual(payload);
});

it("and the same options", () => {
  const bounds = { start: "2026-01-01T00:00:00Z", end: "2027-01-01T00:00:00Z", max_runs: 9, spread: "PT5M" };
  const exclude = ["2026-12-25", "* * * * SAT,SUN"];
  const calendars = { exclude_calendars: ["holidays", "stocktaking"], require_calendars: ["open"] };
  const schedule = { every: "PT15M", anchor: "2026-01-01T00:00:00Z", ...bounds, exclude, ...calendars };
  const misfire = { policy: "none", grace: "PT5S", max: 1 } as const;
  const backoff = { initial: "PT1.5S", factor: 1.5, max: "PT1H30M", jitter: 0.1234, max_age: "PT2H" };
  const retry = { max_attempts: 4, ...backoff };
  const others = { overlap: "queue_one", timeout: "PT5S", max_consecutive_failures: 5 } as const;
  const draft = draftOf(aTask({ schedule, misfire, retry, ...others }), "UTC");
  expect(scheduleOf(draft)).toEqual(schedule);
  const sent = { misfire, retry, ...others };
  expect(inputOf(draft, schedule)).toMatchObject(sent);
  const once = withKind(draft.schedule, "at");
  const at = "2026-12-24T18:00:00Z";
  expect(scheduleOf({ ...draft, schedule: { ...once, single: { ...once.single, at } } })).toEqual({
    ...{ at, spread: "PT5M" },
  });
});

it("and the same who is told", () => {
  const webhook = { url: "https://hooks.example.com/x", secret: "secret://key" };
  const notify = [
    { on: ["failed", "late"] as ("failed" | "late")[], late: "PT30S", webhook },
    { on: ["paused"] as "paused"[], kafka: { topic: "alerts" } },
  ];
  expect(inputOf(draftOf(aTask({ notify }), "UTC"), { every: "PT1H" })).toMatchObject({ notify });
  expect(inputOf(draftOf(aTask(), "UTC"), { every: "PT1H" })).not.toHaveProperty("notify");
});

it("says nothing of options that are as usual, and leaves what is no number to the server", () => {
  const sent = inputOf(draftOf(aTask(), "UTC"), { every: "PT1H" });
  const usual = ["misfire", "retry", "overlap", "max_consecutive_failures"];
  for (const name of usual) expect(sent).not.toHaveProperty(name);
  const typed = { ...draftOf(aTask(), "UTC"), retryAttempts: "many", maxRuns: "few" };
  expect(inputOf(typed, { every: "PT1H" }).retry?.max_attempts).toBe("many");
  expect(scheduleOf(typed)).toHaveProperty("max_runs", "few");
});

it("leaves the state of pause as it is", () => {
  const draft = draftOf(aTask({ paused: true }), "UTC");
  expect(inputOf(draft, { cron: "* * * * *" })).not.toHaveProperty("paused");
});

it("sends texts as they are: what is wrong with them, the server says", () => {
  const [name, description] = [" Report ", "First line\n\nlast line\n"];
  expect(inputOf(draftOf(aTask({ name, description }), "UTC"), { every: "PT1H" })).toMatchObject({
    ...{ name, description },
  });
});

it("does not take for JSON what is not", () => {
  expect(() => payloadOf({ ...blank("UTC"), payload: "{a: 1}" })).toThrow(NotJson);
});
