import { expect, it } from "vitest";
import type { FieldError } from "@/lib/problem";
import { blank, type Draft } from "./draft";
import { errorsByField } from "./pointers";
import { type Kind, memberOf, withKind } from "./schedule/schedule";
import { blankSingle } from "./schedule/single";

const draft = (kind: Kind, part: Partial<Draft> = {}): Draft => {
  const made = blank("UTC");
  const members = (["cron", "calendar"] as const).map((kind) => memberOf({ ...blankSingle(""), kind }));
  return { ...made, schedule: withKind({ ...made.schedule, members }, kind), ...part };
};
const place = (pointer: string, within = draft("cron"), suggestion?: FieldError["suggestion"]) =>
  errorsByField([{ pointer, message: "wrong", suggestion }], within);

it.each<[pointer: string, field: string, within?: Draft]>([
  ["/id", "id"],
  ["/name", "name"],
  ["/timeout", "timeout"],
  ["/handler", "handler"],
  ["/schedule/cron", "schedule.single.cron"],
  ["/schedule/timezone", "schedule.single.timezone"],
  ["/schedule/every", "schedule.single.every", draft("every")],
  ["/schedule/at", "schedule.single.at", draft("at")],
  ["/schedule", "schedule.single.cron"],
  ["/schedule", "schedule.single.at", draft("at")],
  ["/schedule/every", "schedule.single.period", draft("calendar")],
  ["/schedule/at", "schedule.single.timeOfDay", draft("calendar")],
  ["/schedule/anchor", "schedule.single.firstDay", draft("calendar")],
  ["/schedule/month_end", "schedule.single.monthEnd", draft("calendar")],
  ["/schedule", "schedule.single.period", draft("calendar")],
  ["/schedule/any/0/cron", "schedule.members.0.cron", draft("any")],
  ["/schedule/any/1/at", "schedule.members.1.timeOfDay", draft("any")],
  ["/schedule/any/1", "schedule.members.1.period", draft("any")],
  ["/schedule/any", "schedule.members", draft("any")],
  ["/schedule", "schedule.members", draft("any")],
  ["/schedule/timezone", "schedule.timezone", draft("any")],
  ["/schedule/end", "end", draft("any")],
  ["/payload", "payload"],
  ["/schedule/start", "start"],
  ["/schedule/max_runs", "maxRuns", draft("every")],
  ["/schedule/spread", "spread", draft("at")],
  ["/misfire/grace", "misfireGrace"],
  ["/retry", "retryAttempts"],
  ["/retry/max_attempts", "retryAttempts"],
  ["/retry/max_age", "retryMaxAge"],
  ["/overlap", "overlap"],
  ["/then", "successors"],
  ["/then/1", "successors.1.task"],
  ["/then/1/on", "successors.1.on"],
  ["/task_id", "id"],
  ["/payload/headers", "payload.headers", draft("cron", { handler: "http" })],
  ["/payload/auth", "payload.auth", draft("cron", { handler: "http" })],
  ["/payload/auth/basic/password", "payload.auth.basic.password", draft("cron", { handler: "http" })],
  ["/max_consecutive_failures", "maxFailures"],
  ["/payload/url", "url", draft("cron", { handler: "curl" })],
])("puts %s beside %s", (pointer, field, within) => {
  expect(place(pointer, within)).toEqual({ fields: { [field]: "wrong" }, suggestions: {}, rest: [] });
});

it("swallows nothing: what has no field to stand beside comes back", () => {
  expect(place("/colour").rest).toEqual(["/colour: wrong"]);
  expect(place("/retry/colour").rest).toEqual(["/retry/colour: wrong"]);
  expect(place("/schedule/end", draft("at")).rest).toEqual(["/schedule/end: wrong"]);
  expect(place("").rest).toEqual(["wrong"]);
  expect(place("/schedule/every").rest).toEqual(["/schedule/every: wrong"]);
  expect(place("/schedule/any/1/colour", draft("any")).rest).toEqual(["/schedule/any/1/colour: wrong"]);
  expect(place("/schedule/colour", draft("any")).rest).toEqual(["/schedule/colour: wrong"]);
  expect(place("/schedule/manual", draft("manual")).rest).toEqual(["/schedule/manual: wrong"]);
});

it("keeps what is suggested beside the field that is wrong", () => {
  const suggestion = { pointer: "/schedule", value: { cron: "0 9 * * *" } };
  expect(place("/schedule/cron", draft("cron"), suggestion).suggestions).toEqual({
    "schedule.single.cron": suggestion,
  });
});

it("says which tag it means, and joins what is said of one field", () => {
  const tagged = draft("cron", { tags: ["a", "b"] });
  const errors = [0, 1].map((i) => ({ pointer: `/tags/${i}`, message: "too long" }));
  expect(errorsByField(errors, tagged).fields).toEqual({ tags: "a: too long; b: too long" });
  expect(place("/payload/deep/1").fields).toEqual({ "payload.deep": "1: wrong" });
  const written = draft("cron", { payloadView: "json", payload: '{\n  "deep": [\n    1,\n    2\n  ]\n}' });
  expect(place("/payload/deep/1", written).fields).toEqual({ payload: "line 4, deep/1: wrong" });
  const call = draft("cron", { handler: "http" });
  expect(place("/payload/headers/Host", call).fields).toEqual({ "payload.headers": "Host: wrong" });
  expect(place("/payload/auth/colour", call).fields).toEqual({ "payload.auth": "colour: wrong" });
  expect(place("/payload/colour/deep", call).fields).toEqual({ payload: "colour/deep: wrong" });
  const asJson = draft("cron", { handler: "http", payloadView: "json" });
  expect(place("/payload/headers/Host", asJson).fields).toEqual({
    payload: "headers/Host: wrong",
  });
  expect(place("/schedule/exclude/1", draft("cron", { exclude: "2026-12-25\n\nnever" })).fields).toEqual({
    exclude: "never: wrong",
  });
});
