import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { HttpResponse } from "msw";
import { beforeEach, expect, it } from "vitest";
import type { Task } from "@/lib/task";
import { open } from "@/testing/open";
import { aTask } from "@/testing/samples";
import { problem, record, type Seen } from "@/testing/server";

let standing: Task = aTask();
let puts: Seen[] = [];

/** A server that takes a change of the version that stands, and no other. */
beforeEach(() => {
  standing = aTask();
  const etag = () => `"${standing.version}"`;
  record("post", "/schedules/preview", () => HttpResponse.json({ description: "x", next: [], notes: [] }));
  record("get", "/runs", () => HttpResponse.json({ items: [], next_cursor: null }));
  record("get", "/tasks/:id", () => HttpResponse.json(standing, { headers: { etag: etag() } }));
  puts = record("put", "/tasks/:id", ({ headers }) =>
    headers.get("if-match") === etag() ? HttpResponse.json(aTask()) : problem(412, "another version stands"),
  );
});

const set = (label: string, value: string) =>
  fireEvent.change(screen.getByLabelText(label), { target: { value } });
const part = (name: string) => screen.findByLabelText(`${name}: changed`);
const theirs = (change: Partial<Task>) => {
  standing = aTask({ ...change, version: standing.version + 1 });
};

async function edit() {
  const opened = open("/tasks/daily-report/edit");
  await screen.findByLabelText("Name");
  const save = () => fireEvent.click(screen.getByText("Save"));
  return { ...opened, save };
}

it("takes over what only they changed beside what was typed, and saves both under the new ETag", async () => {
  const { save, address } = await edit();
  set("Name", "Mine");
  theirs({ description: "Theirs" });
  save();
  expect(await part("Description")).toHaveTextContent("taken over into the form");
  expect(await part("Name")).toHaveTextContent("Only you changed it");
  expect(screen.getByRole("alert")).toHaveTextContent("Somebody else changed this task");
  expect(screen.getByText("Your change and theirs")).toHaveFocus();
  expect(screen.getByLabelText("Name")).toHaveValue("Mine");
  expect(screen.getByLabelText("Description")).toHaveValue("Theirs");
  expect(screen.queryByText(/is kept\?/)).toBeNull();
  save();
  await waitFor(() => expect(address()).toBe("/tasks/daily-report"));
  expect(puts.map((put) => put.headers.get("if-match"))).toEqual(['"12"', '"13"']);
  expect(puts[1]?.body).toMatchObject({ name: "Mine", description: "Theirs" });
  expect(puts[1]?.body).not.toHaveProperty("id");
});

it("asks of what both changed whose is kept, and sends nothing before that", async () => {
  const { save } = await edit();
  set("Name", "Mine");
  set("Payload", '{"a": 3}');
  theirs({ name: "Theirs", payload: { a: 2 } });
  save();
  const name = await part("Name");
  expect(name).toHaveTextContent(/When you opened it\s*Daily report\s*Theirs now\s*Theirs\s*Yours\s*Mine/);
  expect(await part("Handler and payload")).toHaveTextContent(/"a": 1.*"a": 2.*"a": 3/);
  save();
  expect(await screen.findByText(/whose change is kept: Name, Handler and payload/)).toBeInTheDocument();
  expect(puts).toHaveLength(1);
  expect(within(name).getByLabelText("Theirs")).toHaveFocus();
  fireEvent.click(within(name).getByLabelText("Theirs"));
  expect(screen.getByLabelText("Name")).toHaveValue("Theirs");
  fireEvent.click(within(await part("Handler and payload")).getByLabelText("Mine"));
  save();
  await waitFor(() => expect(puts).toHaveLength(2));
  expect(puts[1]?.body).toMatchObject({ name: "Theirs", payload: { a: 3 } });
});

it("keeps what is typed into a field while one looks at the other side of it", async () => {
  const { save } = await edit();
  set("Name", "Mine");
  theirs({ name: "Theirs" });
  save();
  const choose = async (side: string) => fireEvent.click(within(await part("Name")).getByLabelText(side));
  await part("Name");
  set("Name", "Mine, and more");
  await choose("Theirs");
  set("Name", "Theirs, mended");
  await choose("Mine");
  expect(screen.getByLabelText("Name")).toHaveValue("Mine, and more");
  await choose("Theirs");
  expect(screen.getByLabelText("Name")).toHaveValue("Theirs, mended");
});

it("merges once more when they change it again", async () => {
  const { save } = await edit();
  set("Name", "Mine");
  theirs({ description: "Theirs" });
  save();
  await part("Description");
  theirs({ description: "Theirs", tags: ["theirs"] });
  save();
  expect(await part("Tags")).toHaveTextContent("taken over into the form");
  save();
  await waitFor(() => expect(puts).toHaveLength(3));
  expect(puts[2]?.body).toMatchObject({ name: "Mine", description: "Theirs", tags: ["theirs"] });
});

it("says when the task is gone, and when theirs can't be read, and keeps what was typed", async () => {
  const { save } = await edit();
  set("Name", "Mine");
  theirs({});
  record("get", "/tasks/:id", () => problem(404, "no such task"));
  save();
  expect(await screen.findByText(/Somebody deleted this task meanwhile/)).toBeInTheDocument();
  record("get", "/tasks/:id", () => problem(503, "MongoDB is away"));
  save();
  expect(await screen.findByText(/MongoDB is away/)).toBeInTheDocument();
  expect(screen.getByLabelText("Name")).toHaveValue("Mine");
});
