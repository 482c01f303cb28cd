import { expect, it } from "vitest";
import { aRun } from "@/testing/samples";
import { stages } from "./stages";

it("shows every stage and the time since the one before", () => {
  const found = stages(aRun(7)).map((s) => [s.name, s.since]);
  expect(found).toEqual([
    ["Nominal", null],
    ["Emitted", -60],
    ["Received", 80],
    ["Started", 21],
    ["Finished", 9],
    ["Logged", 12],
  ]);
});

it("names the effective time only where spread moved it", () => {
  const names = stages(aRun(7, { effective_at: aRun(9).nominal_at })).map((s) => s.name);
  expect(names.slice(0, 2)).toEqual(["Nominal", "Effective"]);
});

it("shows of an unfinished run only the stages it has reached", () => {
  const names = stages(aRun(7, { finished_at: null, state: "running" })).map((s) => s.name);
  expect(names).toEqual(["Nominal", "Emitted", "Received", "Started"]);
});

it("keeps every bar within the whole", () => {
  for (const { from, to } of stages(aRun(7))) {
    expect(from).toBeGreaterThanOrEqual(0);
    expect(to).toBeLessThanOrEqual(1);
    expect(from).toBeLessThanOrEqual(to);
  }
});
