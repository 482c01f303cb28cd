import { screen, within } from "@testing-library/react";
import { HttpResponse } from "msw";
import { beforeEach, expect, it } from "vitest";
import type { Run } from "@/lib/run";
import { open } from "@/testing/open";
import { aRun, runId } from "@/testing/samples";
import { record, type Seen } from "@/testing/server";

let run: Run;
let asked: Seen[] = [];

beforeEach(() => {
  record("get", "/runs/:id", () => HttpResponse.json(run));
  asked = record("get", "/runs", ({ search }) => {
    const started = aRun(2, { task_name: "Load", state: "failed", kind: "chained" });
    return HttpResponse.json({ items: search.after_run_id ? [started] : [run], next_cursor: null });
  });
});

const shown = () => screen.findByRole("region", { name: "Run of Heartbeat" });

it("shows which run started it, by which way, and which ones it started", async () => {
  const chain = ["extract", "check"];
  const after = { task_id: "check", run_id: "run-0", nominal_at: run0, outcome: "succeeded", chain } as const;
  run = aRun(1, { kind: "chained", after });
  open(`/runs/${runId(1)}`);
  const panel = await shown();
  expect(within(panel).getByRole("link", { name: "The run of check" })).toHaveAttribute(
    "href",
    "/runs/run-0",
  );
  expect(panel).toHaveTextContent("that succeeded");
  expect(panel).toHaveTextContent("extract → check → heartbeat");
  const started = await within(panel).findByRole("region", { name: "Then started" });
  expect(within(started).getByRole("link", { name: "Load" })).toHaveAttribute("href", `/runs/${runId(2)}`);
  expect(started).toHaveTextContent("Failed");
  expect(asked.some((one) => one.search.after_run_id === runId(1))).toBe(true);
});

it("asks for none while a run can start none", async () => {
  run = aRun(1, { state: "cancelled" });
  open(`/runs/${runId(1)}`);
  const panel = await shown();
  expect(within(panel).queryByRole("region", { name: "Then started" })).toBeNull();
  expect(asked.some((one) => one.search.after_run_id)).toBe(false);
});

it("says until when a run waits for its callback, and asks before that is given up", async () => {
  const waiting_until = new Date(Date.now() + 3_600_000).toISOString();
  run = aRun(1, { state: "waiting", waiting_until, finished_at: null });
  const { person } = open(`/runs/${runId(1)}`);
  const panel = await shown();
  expect(within(panel).getByRole("status")).toHaveTextContent(
    /^Waiting.*for its callback until .*\d\d:\d\d:\d\d/,
  );
  expect(screen.getByRole("row", { name: /for its callback, in 59 min at most/ })).toBeInTheDocument();
  await person.click(within(panel).getByRole("button", { name: "Cancel run" }));
  expect(await screen.findByRole("dialog")).toHaveTextContent("Its callback is not waited for any more.");
});

const run0 = "2026-11-25T09:00:00Z";
