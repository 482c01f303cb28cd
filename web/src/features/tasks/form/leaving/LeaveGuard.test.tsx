import { createBrowserHistory } from "@tanstack/react-router";
import { fireEvent, render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse } from "msw";
import { afterEach, beforeEach, expect, it } from "vitest";
import { App } from "@/app/App";
import { makeQueryClient } from "@/app/queryClient";
import { makeRouter } from "@/app/router";
import { aTask } from "@/testing/samples";
import { record } from "@/testing/server";

let end = () => {};
let version = 12;

beforeEach(() => {
  version = 12;
  record("post", "/schedules/preview", () => HttpResponse.json({ description: "x", next: [], notes: [] }));
  for (const path of ["/runs", "/tasks"]) {
    record("get", path, () => HttpResponse.json({ items: [], next_cursor: null }));
  }
  record("get", "/tasks/:id", () =>
    HttpResponse.json(aTask({ version }), { headers: { etag: `"${version}"` } }),
  );
});
afterEach(() => end());

/** The form of a task that was come to from the list, in a browser with its real history. */
async function edit() {
  window.history.replaceState(null, "", "/tasks");
  const history = createBrowserHistory();
  end = () => history.destroy();
  const client = makeQueryClient();
  const router = makeRouter(history);
  render(<App client={client} router={router} />);
  await screen.findByRole("heading", { name: "Tasks" });
  await router.navigate({ to: "/tasks/$taskId/edit", params: { taskId: "daily-report" } });
  await screen.findByLabelText("Name");
  const press = (name: string) => person.click(screen.getByText(name));
  const person = userEvent.setup();
  return { client, person, press, address: () => window.location.pathname };
}

const type = (name: string) => fireEvent.change(screen.getByLabelText("Name"), { target: { value: name } });
const question = () => screen.findByText("Leave without saving?");

function closeTab() {
  const closing = new Event("beforeunload", { cancelable: true });
  window.dispatchEvent(closing);
  return { isAsked: closing.defaultPrevented };
}

type Opened = Awaited<ReturnType<typeof edit>>;

it.each<[string, (opened: Opened) => unknown, string]>([
  ["Cancel", ({ press }) => press("Cancel"), "/tasks/daily-report"],
  ["a link", ({ person }) => person.click(screen.getByRole("link", { name: "Execution log" })), "/runs"],
  ["Back", () => window.history.back(), "/tasks"],
])("asks when something was typed, and %s would lose it", async (_, leave, to) => {
  const opened = await edit();
  type("Typed");
  await leave(opened);
  await question();
  await opened.press("Stay");
  await waitFor(() => expect(screen.queryByText("Leave without saving?")).toBeNull());
  expect(opened.address()).toBe("/tasks/daily-report/edit");
  expect(screen.getByLabelText("Name")).toHaveValue("Typed");
  await leave(opened);
  await question();
  await opened.press("Leave");
  await waitFor(() => expect(opened.address()).toBe(to));
});

it("asks before the tab is closed, and not once it is typed back as it was", async () => {
  await edit();
  expect(closeTab().isAsked).toBe(false);
  type("Typed");
  expect(closeTab().isAsked).toBe(true);
  type("Daily report");
  expect(closeTab().isAsked).toBe(false);
});

it("does not ask when nothing was changed", async () => {
  const { press, address } = await edit();
  await press("Cancel");
  await waitFor(() => expect(address()).toBe("/tasks/daily-report"));
});

it("does not ask when all of it is saved", async () => {
  record("put", "/tasks/:id", () => HttpResponse.json(aTask()));
  const { press, address } = await edit();
  type("Typed");
  await press("Save");
  await waitFor(() => expect(address()).toBe("/tasks/daily-report"));
  expect(screen.queryByText("Leave without saving?")).toBeNull();
});

it("asks when something was typed while the rest was being saved", async () => {
  let answer = () => {};
  const answered = new Promise<void>((done) => {
    answer = done;
  });
  const seen = record("put", "/tasks/:id", async () => {
    await answered;
    return HttpResponse.json(aTask());
  });
  const { press, address } = await edit();
  type("Typed");
  await press("Save");
  await waitFor(() => expect(seen).toHaveLength(1));
  type("Typed on");
  answer();
  await question();
  expect(address()).toBe("/tasks/daily-report/edit");
});

it("keeps what was typed when the task is read anew behind it", async () => {
  const { client } = await edit();
  type("Typed");
  version = 13;
  await client.invalidateQueries({ queryKey: ["task", "daily-report"] });
  expect(screen.getByLabelText("Name")).toHaveValue("Typed");
});
