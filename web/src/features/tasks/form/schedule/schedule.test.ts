import { expect, it } from "vitest";
import type { MemberSchedule, Schedule } from "@/lib/task";
import { aTask } from "@/testing/samples";
import { blank, draftOf } from "../draft";
import { missingField, type ScheduleDraft, scheduleOf, withKind } from "./schedule";

const edited = (schedule: Schedule) => draftOf(aTask({ schedule }), "Europe/Paris");
const usual = { gap: "shift", fold: "first" } as const;
const fortnight = {
  every: "P2W",
  at: "09:00",
  timezone: "Europe/Berlin",
  ...usual,
  month_end: "last",
} as const;
const several: Schedule = {
  any: [
    { cron: "0 9 * * 1-5", ...usual },
    { cron: "0 12 * * SAT", timezone: "Asia/Tokyo", gap: "skip", fold: "both" },
    { every: "PT1H30M", anchor: "2026-01-01T00:00:00Z" },
    { every: "P5M", at: "06:00:30", anchor: "2026-01-31", month_end: "skip", ...usual },
    { at: "2026-12-24T18:00:00" },
  ],
  timezone: "Europe/Berlin",
  ...{ start: "2026-01-01T00:00", max_runs: 9, exclude: ["2026-12-25"], spread: "PT5M" },
};

it.each<[string, Schedule]>([
  ["cron", { cron: "0 9 * * *", timezone: "Asia/Tokyo", gap: "skip", fold: "both" }],
  ["interval", { every: "PT15M", anchor: "2026-01-01T00:00:00Z" }],
  ["interval that one unit can't say", { every: "PT1H30M", anchor: "2026-01-01T00:00:00Z" }],
  ["local time", { at: "2026-12-24T18:00:00", timezone: "Europe/Berlin" }],
  ["instant with offset", { at: "2026-12-24T18:00:00+01:00" }],
  ["every second Friday", { ...fortnight, anchor: "2026-01-02" }],
  ["months", { ...fortnight, every: "P5M", month_end: "skip", gap: "skip", exclude: ["2026-12-25"] }],
  ["a calendar interval of a form that is not known here", { ...fortnight, every: "P1Y6M" }],
  ["several", several],
  ["several of which the whole has no zone", { any: [{ cron: "0 9 * * *", timezone: "UTC", ...usual }] }],
  ["only when triggered", { manual: true }],
])("an edit that changes nothing sends the same schedule: %s", (_, schedule) => {
  expect(scheduleOf(edited(schedule))).toEqual(schedule);
});

it.each<[string, Schedule]>([
  ["single", { every: "PT15M", colour: "red" } as Schedule],
  ["whole", { ...several, colour: "red" } as Schedule],
  ["member", { any: [{ every: "PT15M", colour: "red" } as MemberSchedule] }],
  ["manual", { manual: true, colour: "red" } as Schedule],
])("keeps what a newer server may know of a schedule: %s", (_, schedule) => {
  expect(scheduleOf(edited(schedule))).toEqual(schedule);
});

it("but only as long as its kind stays", () => {
  const draft = edited({ every: "PT15M", colour: "red" } as Schedule);
  const schedule = change(withKind(draft.schedule, "cron"), { cron: "* * * * *" });
  expect(scheduleOf({ ...draft, schedule })).not.toHaveProperty("colour");
});

it("makes a member of the schedule that stood alone, in the zone that it had", () => {
  const draft = edited({ cron: "0 9 * * *", timezone: "Asia/Tokyo", ...usual });
  const schedule = withKind(draft.schedule, "any");
  expect(scheduleOf({ ...draft, schedule })).toEqual({
    any: [{ cron: "0 9 * * *", ...usual }],
    timezone: "Asia/Tokyo",
  });
});

it("makes the schedule alone of the first member of its kind, in the zone that it had", () => {
  const draft = edited(several);
  const alone = (kind: "cron" | "calendar") =>
    scheduleOf({ ...draft, schedule: withKind(draft.schedule, kind) });
  expect(alone("cron")).toMatchObject({ cron: "0 9 * * 1-5", timezone: "Europe/Berlin", max_runs: 9 });
  expect(alone("calendar")).toMatchObject({ every: "P5M", timezone: "Europe/Berlin" });
});

it("forgets nothing by a look at another kind", () => {
  const draft = edited(several);
  const seen = (["manual", "at", "any"] as const).reduce(withKind, draft.schedule);
  expect(scheduleOf({ ...draft, schedule: seen })).toEqual(several);
});

it("sends nothing while a main field is empty, and knows which", () => {
  const { schedule } = blank("UTC");
  expect(scheduleOf(blank("UTC"))).toBeNull();
  expect(missingField(schedule)).toBe("schedule.single.cron");
  expect(missingField(withKind(schedule, "at"))).toBe("schedule.single.at");
  expect(missingField(change(withKind(schedule, "calendar"), { period: { amount: " ", unit: "W" } }))).toBe(
    "schedule.single.period",
  );
  expect(missingField({ ...withKind(schedule, "any"), members: [] })).toBe("schedule.members");
  expect(missingField(withKind(schedule, "any"))).toBe("schedule.members.0.cron");
  expect(missingField(withKind(schedule, "manual"))).toBeNull();
});

function change(schedule: ScheduleDraft, part: Partial<ScheduleDraft["single"]>): ScheduleDraft {
  return { ...schedule, single: { ...schedule.single, ...part } };
}
