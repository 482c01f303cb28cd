import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { HttpResponse } from "msw";
import { beforeEach, expect, it } from "vitest";
import type { Run } from "@/lib/run";
import { open } from "@/testing/open";
import { aRun, runId } from "@/testing/samples";
import { problem, record } from "@/testing/server";

const failed: Run["attempts"][number] = {
  ...{
    attempt: 1,
    outcome: "failed",
    started_at: "2026-11-25T09:00:01Z",
    finished_at: "2026-11-25T09:00:02Z",
  },
  ...{ error: { kind: "exit", message: "the first one broke" }, worker: "w" },
};
let run = aRun(1);

beforeEach(() => {
  record("get", "/runs", () => HttpResponse.json({ items: [run], next_cursor: null }));
  record("get", "/runs/:id", () => HttpResponse.json(run));
});

it("shows each attempt, and until when the next one waits; cancels it after asking", async () => {
  const error = { kind: "exit", message: "the second one broke" };
  const retry_at = new Date(Date.now() + 90_000).toISOString();
  run = aRun(1, { state: "retrying", attempt: 2, attempts: [failed], error, retry_at });
  const seen = record("post", "/runs/:id/cancel", () => {
    run = { ...run, state: "cancelled", retry_at: null, attempt: 3 };
    return HttpResponse.json({ event_id: "e", task_id: run.task_id, run_id: run.id });
  });
  const { person } = open(`/runs/${runId(1)}`);
  const shown = await screen.findByRole("region", { name: "Run of Heartbeat" });
  const attempts = within(shown).getAllByRole("listitem");
  expect(attempts).toHaveLength(3);
  expect(attempts[0]).toHaveTextContent(/Attempt 1 failed.*after 1.00 s.*the first one broke/);
  expect(attempts[1]).toHaveTextContent(/Attempt 2 failed/);
  expect(attempts[2]).toHaveTextContent(/Attempt 3 is due in 1 min/);
  expect(within(shown).getByRole("status")).toHaveTextContent(/Retrying.*attempt 3 in 1 min/);
  await person.click(within(shown).getByRole("button", { name: "Cancel run" }));
  const asked = await screen.findByRole("dialog", { name: "Cancel this run?" });
  expect(seen).toHaveLength(0);
  await person.click(within(asked).getByRole("button", { name: "Cancel run" }));
  expect(await screen.findByText("The run is being cancelled")).toBeInTheDocument();
  expect(seen).toHaveLength(1);
  expect(await within(shown).findByRole("button", { name: "Run again…" })).toBeInTheDocument();
});

it("runs again with what the run had, untouched by the browser", async () => {
  run = aRun(1, { state: "failed", payload: { n: 1 } });
  const seen = record("post", "/runs/:id/rerun", () =>
    HttpResponse.json({ event_id: "e", task_id: run.task_id, run_id: runId(9) }),
  );
  const { person } = open(`/runs/${runId(1)}`);
  await person.click(await screen.findByRole("button", { name: "Run again…" }));
  expect(await screen.findByRole("textbox", { name: "Payload" })).toHaveValue('{\n  "n": 1\n}');
  await person.click(screen.getByRole("button", { name: "Run again" }));
  expect(await screen.findByRole("link", { name: "Open the run" })).toHaveAttribute(
    "href",
    `/runs/${runId(9)}`,
  );
  expect(seen.map((s) => s.body)).toEqual([{}]);
});

it("or with what is made of it, and says beside the payload what is refused", async () => {
  run = aRun(1, { state: "failed" });
  let isRefused = true;
  const seen = record("post", "/runs/:id/rerun", () =>
    isRefused
      ? problem(409, "its task 'heartbeat' is not there any more")
      : HttpResponse.json({ event_id: "e", task_id: run.task_id, run_id: runId(9) }),
  );
  const { person } = open(`/runs/${runId(1)}`);
  await person.click(await screen.findByRole("button", { name: "Run again…" }));
  const payload = await screen.findByRole("textbox", { name: "Payload" });
  fireEvent.change(payload, { target: { value: "{n: 1}" } });
  expect(payload).toHaveAccessibleDescription(/not JSON/);
  expect(screen.getByRole("button", { name: "Run again" })).toBeDisabled();
  fireEvent.change(payload, { target: { value: "[1]" } });
  await person.click(screen.getByRole("button", { name: "Run again" }));
  await waitFor(() => expect(payload).toHaveAccessibleDescription(/is not there any more/));
  isRefused = false;
  fireEvent.change(payload, { target: { value: "" } });
  await person.click(screen.getByRole("button", { name: "Run again" }));
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  expect(seen.map((s) => s.body)).toEqual([{ payload: [1] }, { payload: null }]);
});
