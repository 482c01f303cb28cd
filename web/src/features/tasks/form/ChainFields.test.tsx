import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { HttpResponse } from "msw";
import { beforeEach, expect, it } from "vitest";
import { open } from "@/testing/open";
import { aTask } from "@/testing/samples";
import { problem, record, type Seen } from "@/testing/server";

let saved: Seen[] = [];
let asked: Seen[] = [];

beforeEach(() => {
  // biome-ignore lint/suspicious/noThenProperty: the contract's name, in JSON that nobody awaits.
  const task = aTask({ then: [{ task: "archive", on: "any" }, { task: "alarm" }] });
  record("post", "/schedules/preview", () => HttpResponse.json({ description: "x", next: [], notes: [] }));
  record("get", "/runs", () => HttpResponse.json({ items: [], next_cursor: null }));
  record("get", "/tasks/:id", () => HttpResponse.json(task));
  asked = record("get", "/tasks", () =>
    HttpResponse.json({ items: [task, aTask({ id: "monthly", name: "Month's end" })], next_cursor: null }),
  );
  saved = record("put", "/tasks/:id", () => HttpResponse.json(task));
});

const link = (n: number) => screen.getByRole("group", { name: `Start ${n}` });
const sent = () => (saved.at(-1)?.body as { then?: unknown } | undefined)?.then;

async function edit() {
  const opened = open("/tasks/daily-report/edit");
  await screen.findByRole("group", { name: "Start 2" });
  const save = () => opened.person.click(screen.getByRole("button", { name: "Save" }));
  return { ...opened, save };
}

it("saves what a task starts as it was when nothing is changed", async () => {
  const { save } = await edit();
  expect(within(link(2)).getByLabelText("When")).toHaveValue("succeeded");
  await save();
  await waitFor(() =>
    expect(sent()).toEqual([
      { task: "archive", on: "any" },
      { task: "alarm", on: "succeeded" },
    ]),
  );
});

it("finds a task by its name, never itself, and takes one away", async () => {
  const { person, save } = await edit();
  await person.click(screen.getByRole("button", { name: "Start another task" }));
  const field = within(link(3)).getByRole("combobox", { name: "Task" });
  expect(field).toHaveFocus();
  await person.type(field, "month");
  await waitFor(() => expect(asked.at(-1)?.search.q).toBe("month"));
  await person.click(await screen.findByRole("option", { name: /Month's end/ }));
  expect(field).toHaveValue("monthly");
  expect(screen.queryByRole("option", { name: /Daily report/ })).toBeNull();
  await person.selectOptions(within(link(3)).getByLabelText("When"), "failed");
  await person.click(screen.getByRole("button", { name: "Remove start 1" }));
  expect(screen.getByRole("button", { name: "Start another task" })).toHaveFocus();
  await save();
  await waitFor(() =>
    expect(sent()).toEqual([
      { task: "alarm", on: "succeeded" },
      { task: "monthly", on: "failed" },
    ]),
  );
});

it("says of which start a circle comes", async () => {
  record("put", "/tasks/:id", () =>
    problem(422, "no", [{ pointer: "/then/1/task", message: "closes a circle: a → alarm → a" }]),
  );
  const { save } = await edit();
  await save();
  const field = within(link(2)).getByRole("combobox", { name: "Task" });
  await waitFor(() => expect(field).toHaveAccessibleDescription(/closes a circle/));
  expect(field).toHaveFocus();
  fireEvent.change(field, { target: { value: "other" } });
  expect(field).toBeValid();
});
