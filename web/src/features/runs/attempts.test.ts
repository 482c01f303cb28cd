import { expect, it } from "vitest";
import { lateness } from "@/lib/run";
import { aRun } from "@/testing/samples";
import { attemptsOf } from "./attempts";

const failed = {
  ...{
    attempt: 1,
    outcome: "failed",
    started_at: "2026-11-25T09:00:01Z",
    finished_at: "2026-11-25T09:00:02Z",
  },
  ...{ error: { kind: "exit", message: "no" }, worker: "w" },
};

it("a run with one attempt has none to list", () => {
  expect(attemptsOf(aRun(1))).toEqual([]);
});

it("lists the attempt that the run shows among the others, as they came", () => {
  const run = aRun(5, { attempt: 2, attempts: [failed] });
  expect(attemptsOf(run).map((a) => [a.attempt, a.outcome])).toEqual([
    [1, "failed"],
    [2, "succeeded"],
  ]);
});

it("calls the attempt behind a retrying run failed", () => {
  const [only] = attemptsOf(aRun(5, { state: "retrying", retry_at: "2026-11-25T09:01:00Z" }));
  expect(only).toMatchObject({ attempt: 1, outcome: "failed" });
});

it("does not call late what nobody promised for its nominal time", () => {
  expect(lateness(aRun(1))).toBe(41);
  expect(lateness(aRun(1, { attempt: 2 }))).toBeNull();
  expect(lateness(aRun(1, { kind: "backfill" }))).toBeNull();
});
