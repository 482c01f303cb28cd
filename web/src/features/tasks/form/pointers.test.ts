import { expect, it } from "vitest";
import { blank, type Draft } from "./draft";
import { errorsByField } from "./pointers";

const place = (pointer: string, part: Partial<Draft> = {}) =>
  errorsByField([{ pointer, message: "wrong" }], { ...blank("UTC"), ...part });

it.each<[pointer: string, field: keyof Draft, part: Partial<Draft>]>([
  ["/id", "id", {}],
  ["/name", "name", {}],
  ["/timeout", "timeout", {}],
  ["/handler", "handler", {}],
  ["/schedule/cron", "cron", {}],
  ["/schedule/timezone", "timezone", {}],
  ["/schedule/every", "every", { kind: "every" }],
  ["/schedule/at", "at", { kind: "at" }],
  ["/schedule", "cron", {}],
  ["/schedule", "at", { kind: "at" }],
  ["/payload", "payload", {}],
  ["/schedule/start", "start", {}],
  ["/schedule/max_runs", "maxRuns", { kind: "every" }],
  ["/schedule/spread", "spread", { kind: "at" }],
  ["/misfire/grace", "misfireGrace", {}],
  ["/retry", "retryAttempts", {}],
  ["/retry/max_attempts", "retryAttempts", {}],
  ["/retry/max_age", "retryMaxAge", {}],
  ["/overlap", "overlap", {}],
  ["/max_consecutive_failures", "maxFailures", {}],
  ["/payload/url", "url", { handler: "curl" }],
])("puts %s beside %s", (pointer, field, part) => {
  expect(place(pointer, part)).toEqual({ fields: { [field]: "wrong" }, rest: [] });
});

it("swallows nothing: what has no field to stand beside comes back", () => {
  expect(place("/colour").rest).toEqual(["/colour: wrong"]);
  expect(place("/retry/colour").rest).toEqual(["/retry/colour: wrong"]);
  expect(place("/schedule/end", { kind: "at" }).rest).toEqual(["/schedule/end: wrong"]);
  expect(place("").rest).toEqual(["wrong"]);
  expect(place("/schedule/every").rest).toEqual(["/schedule/every: wrong"]);
});

it("says which tag it means, and joins what is said of one field", () => {
  const draft = { ...blank("UTC"), tags: ["a", "b"] };
  const errors = [0, 1].map((i) => ({ pointer: `/tags/${i}`, message: "too long" }));
  expect(errorsByField(errors, draft).fields).toEqual({ tags: "a: too long; b: too long" });
  expect(place("/payload/deep/1").fields).toEqual({ payload: "deep/1: wrong" });
  expect(place("/schedule/exclude/1", { exclude: "2026-12-25\n\nnever" }).fields).toEqual({
    exclude: "never: wrong",
  });
});
