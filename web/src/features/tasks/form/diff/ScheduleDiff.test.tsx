import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { HttpResponse } from "msw";
import { beforeEach, expect, it } from "vitest";
import { open } from "@/testing/open";
import { aTask } from "@/testing/samples";
import { problem, record, type Seen } from "@/testing/server";

const run = (day: number, hour: number) => ({
  at: new Date(Date.UTC(2026, 10, day, hour - 1)).toISOString(),
  local: `2026-11-${day}T${String(hour).padStart(2, "0")}:00:00+01:00`,
});
const sum = { before: "x", after: "y", unchanged: 250, complete_until: "2027-11-25T00:00:00.000Z" };
const nothing = { ...sum, added: 0, removed: 0, moved: 0, text: "250 runs as before", items: [], notes: [] };
const much = {
  ...{ ...sum, added: 52, removed: 1, moved: 2, text: "250 runs as before, 2 runs moved" },
  items: [
    { change: "added", before: null, after: run(28, 9), by_seconds: null },
    { change: "removed", before: run(29, 9), after: null, by_seconds: null },
    { change: "moved", before: run(30, 9), after: run(30, 10), by_seconds: 3_600 },
  ],
  notes: ["after: any/0: 28 March 2027 has no 02:30."],
};
let asked: Seen[] = [];

/** A server that reads any schedule but one, and compares it with another. */
beforeEach(() => {
  record("post", "/schedules/preview", ({ body }) =>
    (body as { schedule: { cron?: string } }).schedule.cron === "wrong"
      ? problem(422, "no", [{ pointer: "/schedule/cron", message: "wrong" }])
      : HttpResponse.json({ description: "In words", next: [], notes: [] }),
  );
  record("get", "/runs", () => HttpResponse.json({ items: [], next_cursor: null }));
  record("get", "/tasks/:id", () => HttpResponse.json(aTask()));
  asked = record("post", "/schedules/diff", ({ body }) =>
    HttpResponse.json((body as { after: { cron: string } }).after.cron.includes("MON") ? nothing : much),
  );
});

const cron = () => screen.getByLabelText("Cron expression");
const type = (value: string) => fireEvent.change(cron(), { target: { value } });
const changes = () => screen.findByLabelText("What changes");

async function edit() {
  open("/tasks/daily-report/edit");
  await screen.findByLabelText("Name");
  await screen.findByText("In words");
}

it("says what the typed schedule adds, removes and moves, by time, as the server counts it", async () => {
  await edit();
  expect(screen.queryByLabelText("What changes")).toBeNull();
  for (const typed of ["0 ", "0 9 ", "0 9 * * *"]) type(typed);
  const region = await changes();
  await within(region).findByText("52 added");
  expect(region).toHaveTextContent("1 removed");
  expect(region).toHaveTextContent("2 moved");
  expect(region).toHaveTextContent("250 as before");
  const [added, removed, moved] = within(region).getAllByText(/2026/, { selector: "time" });
  for (const [time, day] of [
    [added, "28"],
    [removed, "29"],
    [moved, "30"],
  ] as const) {
    expect(time).toHaveTextContent(`${day} Nov 2026`);
    expect(time).toHaveTextContent(/UTC|GMT|CET/);
  }
  expect(region).toHaveTextContent("1 h later, to");
  expect(region).toHaveTextContent("and 52 more");
  expect(region).toHaveTextContent("As it would be: schedule 1: 28 March 2027 has no 02:30.");
  expect(asked).toHaveLength(1);
  expect(asked[0]?.body).toEqual({
    task_id: "daily-report",
    before: { cron: "0 9 * * 1-5", timezone: "Europe/Berlin", gap: "shift", fold: "first" },
    after: { cron: "0 9 * * *", timezone: "Europe/Berlin", gap: "shift", fold: "first" },
    limit: 10,
  });
});

it("says when another way of writing it changes nothing, and is gone when it is as it was", async () => {
  await edit();
  type("0 9 * * MON-FRI");
  expect(await screen.findByText(/Nothing changes/)).toBeInTheDocument();
  type("0 9 * * 1-5");
  await waitFor(() => expect(screen.queryByLabelText("What changes")).toBeNull());
});

it("compares nothing that is no schedule", async () => {
  await edit();
  type("wrong");
  await waitFor(() => expect(cron()).toBeInvalid());
  expect(screen.queryByLabelText("What changes")).toBeNull();
});

it("says why it can't compare, and tries again", async () => {
  let isAway = true;
  record("post", "/schedules/diff", () =>
    isAway ? problem(503, "MongoDB is away") : HttpResponse.json(nothing),
  );
  await edit();
  type("0 10 * * *");
  expect(await screen.findByText(/MongoDB is away/)).toBeInTheDocument();
  isAway = false;
  fireEvent.click(screen.getByText("Try again"));
  expect(await screen.findByText(/Nothing changes/)).toBeInTheDocument();
});
