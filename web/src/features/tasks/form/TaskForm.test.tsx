import { fireEvent, screen, waitFor } from "@testing-library/react";
import { HttpResponse } from "msw";
import { beforeEach, expect, it } from "vitest";
import { open } from "@/testing/open";
import { aTask } from "@/testing/samples";
import { problem, record, type Seen } from "@/testing/server";

let previews: Seen[] = [];
beforeEach(() => {
  previews = record("post", "/schedules/preview", ({ body }) => {
    const { schedule } = body as { schedule: { cron?: string } };
    if (schedule.cron === "61 * * * *") {
      return problem(422, "no", [{ pointer: "/schedule/cron", message: "minute: 61 is out of range" }]);
    }
    const next = [{ at: "2026-11-26T08:00:00Z", local: "2026-11-26T09:00:00+01:00" }];
    return HttpResponse.json({
      description: `In words: ${schedule.cron}`,
      next,
      notes: ["any/0: Mind the clock change."],
    });
  });
  record("get", "/runs", () => HttpResponse.json({ items: [], next_cursor: null }));
});

const set = (label: string, value: string) =>
  fireEvent.change(screen.getByLabelText(label), { target: { value } });

it("sends what was typed, and leads to the new task", async () => {
  const seen = record("post", "/tasks", () => HttpResponse.json(aTask(), { status: 201 }));
  record("get", "/tasks/:id", () => HttpResponse.json(aTask()));
  const { person, address } = open("/tasks/new");
  await screen.findByLabelText("Name");
  set("Name", "Daily report");
  set("Task id", "daily-report");
  set("Cron expression", "0 9 * * 1-5");
  set("Time zone", "Europe/Berlin");
  set("Payload", '{"a": 1}');
  await person.type(screen.getByRole("combobox", { name: "Tags" }), "finance{Enter}");
  await person.click(screen.getByRole("button", { name: "Save" }));
  await waitFor(() => expect(address()).toBe("/tasks/daily-report"));
  expect(seen[0]?.headers.get("tasker-channel")).toBe("ui");
  expect(seen[0]?.body).toEqual({
    ...{ id: "daily-report", name: "Daily report", description: "", tags: ["finance"], handler: "default" },
    schedule: { cron: "0 9 * * 1-5", timezone: "Europe/Berlin", gap: "shift", fold: "first" },
    payload: { a: 1 },
    timeout: "PT1M",
  });
});

it("shows the server's words, times and notes while typing, and asks it once the typing pauses", async () => {
  open("/tasks/new");
  await screen.findByLabelText("Cron expression");
  for (const typed of ["0", "0 ", "0 9", "0 9 *", "0 9 * *", "0 9 * * *"]) set("Cron expression", typed);
  expect(await screen.findByText("In words: 0 9 * * *")).toBeInTheDocument();
  expect(screen.getByText("Schedule 1: Mind the clock change.")).toBeInTheDocument();
  expect(screen.getByText("Thu 26 Nov 2026")).toBeInTheDocument();
  expect(previews.length).toBeLessThan(4);
  set("Cron expression", "61 * * * *");
  await waitFor(() => expect(screen.getByLabelText("Cron expression")).toBeInvalid());
  expect(screen.getByLabelText("Cron expression")).toHaveAccessibleDescription(/61 is out of range/);
});

it("puts the server's errors beside the fields they mean, and the others above the button", async () => {
  record("post", "/tasks", () =>
    problem(422, "no", [
      { pointer: "/schedule/timezone", message: "no such zone" },
      { pointer: "/payload/url", message: "curl needs a URL" },
      { pointer: "/colour", message: "unknown" },
    ]),
  );
  const { person } = open("/tasks/new");
  await screen.findByLabelText("Name");
  set("Cron expression", "0 9 * * *");
  await person.selectOptions(screen.getByLabelText("Handler"), "curl");
  await person.click(screen.getByRole("button", { name: "Save" }));
  await waitFor(() => expect(screen.getByLabelText("Time zone")).toHaveAccessibleDescription(/no such zone/));
  expect(screen.getByLabelText("URL")).toHaveAccessibleDescription(/curl needs a URL/);
  expect(screen.getByRole("alert")).toHaveTextContent("/colour: unknown");
  expect(screen.getByLabelText("Name")).toBeValid();
  await waitFor(() => expect(screen.getByLabelText("Time zone")).toHaveFocus());
});

it("says beside the id that it is taken", async () => {
  record("post", "/tasks", () => problem(409, "the task 'a' exists already"));
  const { person } = open("/tasks/new");
  await screen.findByLabelText("Name");
  set("Task id", "a");
  set("Cron expression", "0 9 * * *");
  await person.click(screen.getByRole("button", { name: "Save" }));
  await waitFor(() => expect(screen.getByLabelText("Task id")).toHaveAccessibleDescription(/exists already/));
});

it("sends no payload that is not JSON", async () => {
  const { person } = open("/tasks/new");
  await screen.findByLabelText("Name");
  set("Cron expression", "0 9 * * *");
  set("Payload", "{a: 1}");
  expect(screen.getByLabelText("Payload")).toHaveAccessibleDescription(/not JSON/);
  await person.click(screen.getByRole("button", { name: "Save" }));
  await waitFor(() => expect(screen.getByLabelText("Payload")).toHaveFocus());
});

it("sends the advanced options, and opens them where one is wrong", async () => {
  const seen = record("post", "/tasks", () =>
    problem(422, "no", [{ pointer: "/retry/initial", message: "longer than a day" }]),
  );
  const { person } = open("/tasks/new");
  const advanced = (await screen.findByText("all as usual")).closest("details");
  expect(advanced).not.toHaveAttribute("open");
  set("Cron expression", "0 9 * * *");
  await person.selectOptions(screen.getByLabelText("While another run is unfinished"), "skip");
  set("Attempts", "3");
  set("First pause", "90");
  set("Pause after failures in a row", "5");
  set("Left out", "2026-12-25\n* * * * SAT");
  expect(
    screen.getByText("bounded · overlaps are skipped · 3 attempts · paused after failures"),
  ).toBeInTheDocument();
  await person.click(screen.getByRole("button", { name: "Save" }));
  await waitFor(() => expect(screen.getByLabelText("First pause")).toHaveFocus());
  expect(screen.getByLabelText("First pause")).toHaveAccessibleDescription(/longer than a day/);
  expect(advanced).toHaveAttribute("open");
  expect(seen[0]?.body).toMatchObject({
    overlap: "skip",
    max_consecutive_failures: 5,
    retry: { max_attempts: 3, initial: "PT90S", factor: 2, max: "PT1H", jitter: 0.1, max_age: "P1D" },
    schedule: { exclude: ["2026-12-25", "* * * * SAT"] },
  });
  expect(seen[0]?.body).not.toHaveProperty("misfire");
});

it("makes no second task when the answer to the first request was lost", async () => {
  const seen = record("post", "/tasks", () => HttpResponse.error());
  const { person } = open("/tasks/new");
  await screen.findByLabelText("Name");
  set("Cron expression", "0 9 * * *");
  const save = () => person.click(screen.getByRole("button", { name: "Save" }));
  await save();
  expect(await screen.findByText(/to save again from here is safe/)).toBeInTheDocument();
  await save();
  await waitFor(() => expect(seen).toHaveLength(2));
  set("Name", "Another one");
  await save();
  await waitFor(() => expect(seen).toHaveLength(3));
  const [first, second, other] = seen.map(({ headers }) => headers.get("idempotency-key"));
  expect(first).toBeTruthy();
  expect(second).toBe(first);
  expect(other).not.toBe(first);
});
