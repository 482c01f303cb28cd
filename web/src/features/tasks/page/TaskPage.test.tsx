import { screen, waitFor, within } from "@testing-library/react";
import { HttpResponse } from "msw";
import { beforeEach, expect, it } from "vitest";
import type { TaskStats } from "@/lib/stats";
import { open } from "@/testing/open";
import { aRun, aTask, runId } from "@/testing/samples";
import { problem, record } from "@/testing/server";

const stats: TaskStats = {
  ...{ task_id: "daily-report", text: "", promised: 100, kept: 99, share: 0.99, recovered: 0 },
  looked_at: { runs: 1_000, since: "2026-01-01T00:00:00Z", complete: false },
  ...{ outcomes: { succeeded: 990, failed: 10 }, success_rate: 0.99 },
  duration: { p50_ms: 120, p99_ms: 2_400, worst_ms: 4_000 },
  lateness: { p50_ms: 12, p99_ms: 45, worst_ms: 90 },
  ...{ stages: {}, slowest_stage: null, streak: { failures: 2, last_outcome: "failed" } },
  last_failures: [
    {
      ...{ run_id: runId(7), nominal_at: "2026-11-25T08:00:00Z", attempt: 3, finished_at: null },
      error: { kind: "exit", message: "it broke" },
    },
  ],
};

beforeEach(() => {
  record("get", "/tasks/:id", () => HttpResponse.json(aTask({ state: "paused", next_at: null })));
});

it("shows how the newest runs went, and leads to those that failed", async () => {
  record("get", "/tasks/:id/stats", () => HttpResponse.json(stats));
  open("/tasks/daily-report");
  const card = await screen.findByRole("region", { name: "Statistics" });
  expect(await within(card).findByText("99 %")).toBeInTheDocument();
  expect(card).toHaveTextContent("of its newest 1,000 runs");
  expect(card).toHaveTextContent("half within 120 ms, 99 % within 2.40 s, worst 4.00 s");
  expect(card).toHaveTextContent("2 failures in a row, the newest run among them");
  const failures = screen.getByRole("region", { name: "Last failures" });
  const links = within(failures).getAllByRole("link");
  expect(links.map((one) => one.getAttribute("href"))).toEqual([
    "/runs?task_id=daily-report&state=failed",
    `/runs/${runId(7)}`,
  ]);
  expect(failures).toHaveTextContent("it broke");
});

it.each(['{ "account": 12345678901234567890, "rate": 1.0000000000000000001 }', "12345678901234567890"])(
  "shows every digit of the payload %s",
  async (payload) => {
    const json = JSON.stringify(aTask({ state: "paused", next_at: null, payload: "HERE" }));
    const typed = { headers: { "content-type": "application/json" } };
    record("get", "/tasks/:id", () => new HttpResponse(json.replace('"HERE"', payload), typed));
    open("/tasks/daily-report");
    expect(await screen.findByRole("region", { name: "Payload" })).toHaveTextContent(payload);
  },
);

it.each([null, "2026-01-01T08:00:00.000Z"])(
  "waits for the run of a one-time task that is due (%s)",
  async (next_at) => {
    const schedule = { at: "2026-01-01T08:00:00Z" };
    record("get", "/tasks/:id", () => HttpResponse.json(aTask({ schedule, next_at })));
    const previews = record("post", "/schedules/preview", () => problem(422, "an instant in the past"));
    open("/tasks/daily-report");
    const card = await screen.findByRole("region", { name: "Coming times" });
    expect(card).toHaveTextContent("None: its time has come, and its run has not ended yet.");
    expect(previews).toHaveLength(0);
  },
);

it("keeps the chosen tab in the address, and asks only for what it shows", async () => {
  const runs = record("get", "/runs", () => HttpResponse.json({ items: [aRun(1)], next_cursor: null }));
  const { person, address } = open("/tasks/daily-report?tab=nonsense");
  expect(await screen.findByText("tab=nonsense")).toBeInTheDocument();
  expect(await screen.findByRole("region", { name: "Definition" })).toBeInTheDocument();
  expect(runs).toHaveLength(0);
  await person.click(screen.getByRole("tab", { name: "Runs" }));
  await waitFor(() => expect(address()).toBe("/tasks/daily-report?tab=runs"));
  expect(await screen.findByRole("heading", { name: "Runs" })).toBeInTheDocument();
  expect(screen.queryByRole("region", { name: "Definition" })).toBeNull();
});

it("still shows the runs of a task that is deleted", async () => {
  record("get", "/tasks/:id", () => problem(404, "no"));
  record("get", "/runs", () => HttpResponse.json({ items: [aRun(1)], next_cursor: null }));
  const { person } = open("/tasks/daily-report");
  expect(await screen.findByRole("heading", { name: "There is no such task" })).toBeInTheDocument();
  await person.click(screen.getByRole("tab", { name: "Runs" }));
  expect(await screen.findByRole("row", { name: /Succeeded/ })).toBeInTheDocument();
});

it("leaves a task that is deleted at once, and not when all that is shown of it is read anew", async () => {
  let isThere = true;
  record("get", "/tasks", () => HttpResponse.json({ items: [], next_cursor: null }));
  record("get", "/tasks/:id", () =>
    isThere ? HttpResponse.json(aTask({ state: "paused", next_at: null })) : new Promise<Response>(() => {}),
  );
  record("delete", "/tasks/:id", () => {
    isThere = false;
    return HttpResponse.json({ event_id: "e", task_id: "daily-report", version: 13 });
  });
  const { person, address } = open("/tasks/daily-report");
  await person.click(await screen.findByRole("button", { name: "Delete" }));
  await person.click(within(await screen.findByRole("dialog")).getByRole("button", { name: "Delete task" }));
  await waitFor(() => expect(address()).toBe("/tasks"));
});
