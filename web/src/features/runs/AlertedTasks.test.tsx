import { screen, within } from "@testing-library/react";
import { HttpResponse } from "msw";
import { beforeEach, expect, it } from "vitest";
import type { Run } from "@/lib/run";
import { open } from "@/testing/open";
import { aRun, runId } from "@/testing/samples";
import { record } from "@/testing/server";

let run: Run;

const changes = [
  {
    change: "failed",
    task_id: "daily",
    task_name: "Daily {{{{ report",
    text: "Daily {{{{ report (daily) has failed: a: b",
  },
  { change: "late", task_id: "hourly", task_name: "hourly", text: "hourly is late: its run had not ended" },
];

beforeEach(() => {
  record("get", "/runs/:id", () => HttpResponse.json(run));
  record("get", "/runs", () => HttpResponse.json({ items: [run], next_cursor: null }));
  run = aRun(1, {
    kind: "alert",
    task_id: "tasker-alerts.0c45.17",
    task_name: "Alert to hooks.example.com",
    handler: "http",
    payload: { url: "https://hooks.example.com/", body: { changes, more: { failed: 70, late: 1_000 } } },
  });
});

const shown = () => screen.findByRole("region", { name: "Alert to hooks.example.com" });

it("links to the tasks that an alert tells of, and to none of its own", async () => {
  open(`/runs/${runId(1)}`);
  const told = within(await shown()).getByRole("region", { name: "Tells" });
  const [daily, hourly] = within(told).getAllByRole("link");
  expect(daily).toHaveTextContent("Daily {{ report (daily)");
  expect(daily).toHaveAttribute("href", "/tasks/daily");
  expect(hourly).toHaveAttribute("href", "/tasks/hourly");
  expect(told).toHaveTextContent("Daily {{ report (daily) has failed: a: b");
  expect(told).toHaveTextContent("hourly is late: its run had not ended");
  expect(told).toHaveTextContent("and 1,070 more");
  expect(document.querySelector('a[href*="tasker-alerts"]')).toBeNull();
  expect(screen.getByRole("row", { name: /Alert to hooks/ })).not.toHaveTextContent("tasker-alerts");
});

it("reads what goes to a topic as it is", async () => {
  run = { ...run, handler: "kafka", payload: { topic: "ops", value: { changes: changes.slice(1) } } };
  open(`/runs/${runId(1)}`);
  const told = within(await shown()).getByRole("region", { name: "Tells" });
  expect(within(told).getByRole("link")).toHaveAttribute("href", "/tasks/hourly");
  expect(told).not.toHaveTextContent("more");
});

it("does not offer to run it again", async () => {
  open(`/runs/${runId(1)}`);
  expect(within(await shown()).queryByRole("button", { name: /Run again/ })).toBeNull();
});

it("lets one be cancelled whose next attempt is to come", async () => {
  run = { ...run, state: "retrying", retry_at: "2099-01-01T00:00:00.000Z", finished_at: null };
  open(`/runs/${runId(1)}`);
  expect(within(await shown()).getByRole("button", { name: "Cancel run" })).toBeVisible();
});
