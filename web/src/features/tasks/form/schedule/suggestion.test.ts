import { expect, it } from "vitest";
import type { Schedule } from "@/lib/task";
import { aTask } from "@/testing/samples";
import { draftOf } from "../draft";
import { scheduleOf } from "./schedule";
import { mended, understood } from "./suggestion";

const usual = { gap: "shift", fold: "first" } as const;
const draft = (schedule: Schedule) => draftOf(aTask({ schedule }), "Europe/Paris");
const use = (schedule: Schedule, pointer: string, value: unknown) =>
  scheduleOf(mended(draft(schedule), { pointer, value }));

it("puts the mended schedule in the place of the pasted one, with its options", () => {
  const pasted = { cron: "CRON_TZ=Europe/Berlin 0 9 * * *", timezone: "UTC", ...usual, max_runs: 3 };
  const meant = { cron: "0 9 * * *", timezone: "Europe/Berlin", max_runs: 3 };
  expect(use(pasted, "/schedule", meant)).toEqual({ ...meant, ...usual });
});

it("changes the kind where another one is meant", () => {
  const pasted = { cron: "@every 15m", timezone: "UTC", ...usual };
  expect(use(pasted, "/schedule", { every: "PT15M" })).toEqual({ every: "PT15M" });
});

it("puts one field right", () => {
  const pasted = { cron: "0 9 * * *", timezone: "europe/berlin", ...usual };
  expect(use(pasted, "/schedule/timezone", "Europe/Berlin")).toEqual({
    ...pasted,
    timezone: "Europe/Berlin",
  });
});

it("mends one of several and leaves the others as they are", () => {
  const others = { any: [{ every: "PT15M" }, { cron: "'0 9 * * *'", ...usual }], timezone: "UTC" };
  expect(use(others, "/schedule/any/1", { cron: "0 9 * * *" })).toEqual({
    any: [{ every: "PT15M" }, { cron: "0 9 * * *", ...usual }],
    timezone: "UTC",
  });
});

it("touches nothing where it does not know what is meant", () => {
  const before = draft({ every: "PT15M" });
  expect(mended(before, { pointer: "/payload", value: 1 })).toBe(before);
  expect(mended(before, { pointer: "/schedule", value: null })).toBe(before);
});

it("says what was understood, as it would be written", () => {
  const said = (value: unknown) => understood({ pointer: "/schedule", value });
  expect(said({ cron: "0 9 * * *", timezone: "Europe/Berlin" })).toBe("0 9 * * * · Europe/Berlin");
  expect(said({ every: "P2W", at: "09:00", timezone: "Europe/Berlin" })).toBe("P2W · 09:00 · Europe/Berlin");
  const any = [
    { cron: "0 9 * * *", timezone: null },
    { at: "2026-12-24T18:00", timezone: "UTC" },
  ];
  expect(said({ any, timezone: "Asia/Tokyo" })).toBe("0 9 * * * + 2026-12-24T18:00 · UTC · Asia/Tokyo");
  expect(said("Europe/Berlin")).toBe("Europe/Berlin");
  expect(said({ any: [1, 2, 3, 4, 5].map((n) => ({ every: `PT${n}M` })) })).toBe(
    "PT1M + PT2M + PT3M + 2 more",
  );
});
