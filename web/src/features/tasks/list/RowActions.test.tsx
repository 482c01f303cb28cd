import { screen, waitFor, within } from "@testing-library/react";
import { HttpResponse } from "msw";
import { beforeEach, expect, it } from "vitest";
import { open } from "@/testing/open";
import { aTask } from "@/testing/samples";
import { problem, record } from "@/testing/server";

let task = aTask();
beforeEach(() => {
  task = aTask();
  record("get", "/tasks", () => HttpResponse.json({ items: [task], next_cursor: null }));
});

it("pauses and resumes", async () => {
  const seen = record("post", "/tasks/:id/:action", ({ path }) => {
    task = aTask(path.endsWith("pause") ? { state: "paused", next_at: null } : {});
    return HttpResponse.json(task);
  });
  const { person } = open("/tasks");
  await person.click(await screen.findByRole("button", { name: "Pause Daily report" }));
  await person.click(await screen.findByRole("button", { name: "Resume Daily report" }));
  await screen.findByRole("button", { name: "Pause Daily report" });
  expect(seen.map((s) => s.path)).toEqual([
    "/api/v1/tasks/daily-report/pause",
    "/api/v1/tasks/daily-report/resume",
  ]);
  expect(seen[0]?.headers.get("tasker-channel")).toBe("ui");
});

it("runs now, and leads to the run", async () => {
  const seen = record("post", "/tasks/:id/trigger", () =>
    HttpResponse.json({ event_id: "e", task_id: task.id, run_id: "run-77" }),
  );
  const { person } = open("/tasks");
  await person.click(await screen.findByRole("button", { name: "Run now Daily report" }));
  expect(await screen.findByRole("link", { name: "Open the run" })).toHaveAttribute("href", "/runs/run-77");
  expect(seen).toHaveLength(1);
});

it("shows of each row what is still being done to it", async () => {
  const other = aTask({ id: "weekly-report", name: "Weekly report" });
  record("get", "/tasks", () => HttpResponse.json({ items: [task, other], next_cursor: null }));
  let answer = () => {};
  const answered = new Promise<void>((resolve) => {
    answer = resolve;
  });
  record("post", "/tasks/:id/trigger", async () => {
    await answered;
    return HttpResponse.json({ event_id: "e", task_id: task.id, run_id: "run-77" });
  });
  const { person } = open("/tasks");
  const buttons = () =>
    ["Run now Daily report", "Run now Weekly report"].map((name) => screen.getByRole("button", { name }));
  await screen.findByRole("button", { name: "Run now Daily report" });
  for (const button of buttons()) await person.click(button);
  await waitFor(() => expect(buttons().map((one) => one.dataset.loading)).toEqual(["true", "true"]));
  answer();
  await waitFor(() => expect(buttons().map((one) => one.dataset.loading)).toEqual([undefined, undefined]));
});

it("deletes only after it has asked", async () => {
  const seen = record("delete", "/tasks/:id", () => new HttpResponse(null, { status: 204 }));
  const { person } = open("/tasks");
  await person.click(await screen.findByRole("button", { name: "Delete Daily report" }));
  await person.click(within(await screen.findByRole("dialog")).getByRole("button", { name: "Cancel" }));
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  expect(seen).toHaveLength(0);
  await person.click(screen.getByRole("button", { name: "Delete Daily report" }));
  await person.click(within(await screen.findByRole("dialog")).getByRole("button", { name: "Delete task" }));
  await waitFor(() => expect(seen.map((s) => s.path)).toEqual(["/api/v1/tasks/daily-report"]));
  expect(await screen.findByText("Daily report is deleted")).toBeInTheDocument();
});

it("shows a refusal in the problem's words", async () => {
  record("post", "/tasks/:id/pause", () => problem(503, "Kafka does not answer"));
  const { person } = open("/tasks");
  await person.click(await screen.findByRole("button", { name: "Pause Daily report" }));
  const alert = await screen.findByRole("alert");
  expect(alert).toHaveTextContent("Daily report was not paused");
  expect(alert).toHaveTextContent("Kafka does not answer");
});

it("says that the outcome of an unanswered write is unknown", async () => {
  record("post", "/tasks/:id/trigger", () => HttpResponse.error());
  const { person } = open("/tasks");
  await person.click(await screen.findByRole("button", { name: "Run now Daily report" }));
  expect(await screen.findByText(/Whether it took effect is unknown/)).toBeInTheDocument();
});

it("runs nothing twice when an answer was lost, whatever else is run meanwhile", async () => {
  const other = aTask({ id: "weekly-report", name: "Weekly report" });
  record("get", "/tasks", () => HttpResponse.json({ items: [task, other], next_cursor: null }));
  let isLost = true;
  const seen = record("post", "/tasks/:id/trigger", ({ path }) =>
    isLost ? HttpResponse.error() : HttpResponse.json({ event_id: "e", task_id: path, run_id: "run-77" }),
  );
  const { person } = open("/tasks");
  await screen.findByRole("button", { name: "Run now Weekly report" });
  const run = async (name: string) => {
    const [button, before] = [screen.getByRole("button", { name: `Run now ${name}` }), seen.length];
    await person.click(button);
    await waitFor(() => expect(seen).toHaveLength(before + 1));
    await waitFor(() => expect(button).not.toHaveAttribute("data-loading"));
    return seen.at(-1)?.headers.get("idempotency-key");
  };
  const lost = await run("Daily report");
  const elsewhere = await run("Weekly report");
  isLost = false;
  const repeated = await run("Daily report");
  const anew = await run("Daily report");
  expect(lost).toBeTruthy();
  expect(repeated).toBe(lost);
  expect(new Set([lost, elsewhere, anew]).size).toBe(3);
});
