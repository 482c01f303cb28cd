import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse } from "msw";
import { beforeEach, expect, it } from "vitest";
import type { Task } from "@/lib/task";
import { open } from "@/testing/open";
import { aTask } from "@/testing/samples";
import { record } from "@/testing/server";

beforeEach(() => {
  record("post", "/schedules/preview", () => HttpResponse.json({ description: "", next: [], notes: [] }));
  record("get", "/runs", () => HttpResponse.json({ items: [], next_cursor: null }));
});

async function show(part: Partial<Task>) {
  record("get", "/tasks/:id", () => HttpResponse.json(aTask({ next_at: null, ...part })));
  open("/tasks/daily-report");
  await screen.findByRole("heading", { name: "Daily report" });
}

const at = "2026-01-01T12:00:00.000Z";

it("says why a task has paused itself, and after how many failures it does", async () => {
  const note = "paused after 5 failures in a row; the last one: timeout: no answer within PT1M";
  const paused = { state: "paused", paused: true, max_consecutive_failures: 5 } as const;
  await show({ ...paused, pause: { at, by: "tasker", note } });
  expect(screen.getByRole("alert")).toHaveTextContent(
    "Paused after 5 failures in a row; the last one: timeout: no answer within PT1M",
  );
  expect(screen.getByText("after 5 failures in a row")).toBeInTheDocument();
});

it("says who paused it and why, where that is known", async () => {
  await show({ state: "paused", paused: true, pause: { at, by: "ada", note: "quarter's end" } });
  expect(screen.getByText(/Paused by ada: quarter's end/)).toBeInTheDocument();
  expect(screen.queryByRole("alert")).toBeNull();
});

it("says nothing of a pause that nobody explained, nor of a task that goes on", async () => {
  await show({ state: "paused", paused: true, pause: { at, by: null, note: null } });
  expect(screen.queryByText(/Paused by|Paused after/)).toBeNull();
});

it("asks on the task's page why it is paused; Enter pauses, with a note or without", async () => {
  const seen = record("post", "/tasks/:id/pause", () => HttpResponse.json(aTask()));
  await show({});
  const person = userEvent.setup();
  for (const note of ["quarter's end", ""]) {
    await person.click(screen.getByRole("button", { name: "Pause" }));
    const dialog = await screen.findByRole("dialog", { name: "Pause Daily report?" });
    const field = within(dialog).getByLabelText(/^Note/);
    await waitFor(() => expect(field).toHaveFocus());
    await person.type(field, `${note}{Enter}`);
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  }
  expect(seen.map((one) => one.body)).toEqual([{ note: "quarter's end" }, undefined]);
});
