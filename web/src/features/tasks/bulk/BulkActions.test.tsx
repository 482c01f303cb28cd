import { screen, waitFor, within } from "@testing-library/react";
import { HttpResponse } from "msw";
import { expect, it } from "vitest";
import { open } from "@/testing/open";
import { aChangeSet, aTask } from "@/testing/samples";
import { problem, record, type Seen } from "@/testing/server";

const rows = ["a", "b", "c", "d"].map((id) => aTask({ id, name: `Task ${id}` }));
const count = { count: 2, sample: [{ id: "b", name: "Task b", version: 1 }], left_out: [] };

function listed(next_cursor: string | null = null) {
  return record("get", "/tasks", () => HttpResponse.json({ items: rows, next_cursor }));
}

/** Answers counts and beginnings; what was begun can be followed until it is done. */
function bulk(counted: object = count) {
  const followed = record("get", "/change-sets/:id", ({ path }) =>
    HttpResponse.json(
      aChangeSet({ id: path.split("/").at(-1), kind: path.endsWith("undo-1") ? "undo" : "bulk" }),
    ),
  );
  const seen: Seen[] = record("post", "/bulk-actions", ({ body }) => {
    const asked = body as { dry_run?: boolean; id?: string };
    if (asked.dry_run) return HttpResponse.json(counted);
    const running = aChangeSet({ id: asked.id, state: "running", accepted: 0, waiting: 2 });
    return HttpResponse.json(running, { status: 202 });
  });
  return { seen, followed, begun: () => seen.filter(({ body }) => !(body as { dry_run?: boolean }).dry_run) };
}

const select = (name: string) => screen.findByRole("checkbox", { name: `Select ${name}` });

it("selects rows, a range by Shift, the page, and nothing again", async () => {
  listed();
  const { person } = open("/tasks");
  await person.click(await select("Task a"));
  expect(screen.getByText("1 task selected")).toBeInTheDocument();
  await person.keyboard("{Shift>}");
  await person.click(await select("Task c"));
  await person.keyboard("{/Shift}");
  expect(screen.getByText("3 tasks selected")).toBeInTheDocument();
  expect(await select("Task b")).toBeChecked();
  await person.click(screen.getByRole("checkbox", { name: "Select all on this page" }));
  expect(screen.getByText("4 tasks selected")).toBeInTheDocument();
  await person.click(screen.getByRole("button", { name: "Clear the selection" }));
  expect(screen.queryByRole("region", { name: "Selected tasks" })).toBeNull();
});

it("pauses those selected: counts, asks, follows, and takes it back", async () => {
  listed();
  const left_out = [{ task_id: "c", message: "no such task" }];
  const { begun } = bulk({ ...count, left_out });
  const undone = record("post", "/change-sets/:id/undo", () =>
    HttpResponse.json(aChangeSet({ id: "undo-1", kind: "undo", action: "undo" }), { status: 202 }),
  );
  const { person } = open("/tasks");
  await person.click(await select("Task b"));
  await person.click(await select("Task c"));
  await person.click(screen.getByRole("button", { name: "Pause…" }));
  const dialog = await screen.findByRole("dialog", { name: "Pause tasks" });
  expect(await within(dialog).findByText("no such task", { exact: false })).toBeInTheDocument();
  await person.type(within(dialog).getByRole("textbox", { name: /Why/ }), "quarter end");
  expect(begun()).toHaveLength(0);
  await person.click(await within(dialog).findByRole("button", { name: "Pause 2 tasks" }));
  expect(await within(dialog).findByText("2 accepted")).toBeInTheDocument();
  expect(begun()[0]?.body).toMatchObject({ action: "pause", ids: ["b", "c"], note: "quarter end" });
  await person.click(within(dialog).getByRole("button", { name: "Undo" }));
  expect(await within(dialog).findByRole("region", { name: "Undo" })).toBeInTheDocument();
  expect(undone[0]?.path).toMatch(/\/change-sets\/[0-9a-f]{32}\/undo$/);
});

it("takes all that match by the filter, on every page", async () => {
  listed("page-2");
  const { seen, begun } = bulk({ ...count, count: 1_240 });
  const { person } = open("/tasks?tag=ops&q=rep");
  await person.click(await select("Task a"));
  await person.click(screen.getByRole("button", { name: "Select all that match this filter" }));
  await person.click(screen.getByRole("button", { name: "Delete…" }));
  const yes = await screen.findByRole("button", { name: "Delete 1,240 tasks" });
  expect(seen[0]?.body).toEqual({
    ...{ action: "delete", filter: { q: ["rep"], tag: ["ops"] }, dry_run: true },
  });
  await person.click(yes);
  await waitFor(() => expect(begun()[0]?.body).toMatchObject({ filter: { q: ["rep"], tag: ["ops"] } }));
});

it("says that all are meant where nothing is filtered", async () => {
  listed("page-2");
  const { seen } = bulk();
  const { person } = open("/tasks");
  await person.click(await select("Task a"));
  await person.click(screen.getByRole("button", { name: "Select all tasks" }));
  await person.click(screen.getByRole("button", { name: "Run now…" }));
  expect(await screen.findByText("All tasks:", { exact: false })).toBeInTheDocument();
  await waitFor(() => expect(seen[0]?.body).toMatchObject({ action: "trigger", filter: {}, all: true }));
});

it("offers only rows of those that are late", async () => {
  listed("page-2");
  const { person } = open("/tasks?late=true");
  await person.click(await select("Task a"));
  expect(screen.queryByRole("button", { name: /Select all that match/ })).toBeNull();
  expect(screen.getByText(/only rows can be selected/)).toBeInTheDocument();
});

it("opens the spread that an address asks for, and leaves the address when that is over", async () => {
  listed();
  const { begun } = bulk();
  const { person, address } = open("/tasks?state=active&bulk=spread:PT5M");
  const dialog = await screen.findByRole("dialog", { name: "Spread tasks" });
  expect(within(dialog).getByRole("combobox", { name: "Over" })).toHaveDisplayValue("5 minutes");
  await person.selectOptions(within(dialog).getByRole("combobox", { name: "Over" }), "PT15M");
  const yes = await within(dialog).findByRole("button", { name: "Spread 2 tasks" });
  await waitFor(() => expect(yes).toBeEnabled());
  await person.click(yes);
  await within(dialog).findByText("2 accepted");
  expect(begun()[0]?.body).toMatchObject({ spread: "PT15M", filter: { state: "active" } });
  await person.click(within(dialog).getByText("Close", { selector: "span" }));
  await waitFor(() => expect(address()).toBe("/tasks?state=active"));
});

it("asks before what is typed is lost, and changes tags only when some are given", async () => {
  listed();
  const { begun } = bulk();
  const { person } = open("/tasks");
  await person.click(await select("Task a"));
  await person.click(screen.getByRole("button", { name: "Tags…" }));
  const dialog = await screen.findByRole("dialog", { name: "Change tags" });
  expect(await within(dialog).findByRole("button", { name: "Change 2 tasks" })).toBeDisabled();
  await person.type(within(dialog).getByLabelText("Add"), "ops{Enter}");
  await person.click(within(dialog).getByRole("button", { name: "Cancel" }));
  await person.click(await within(dialog).findByRole("button", { name: "Keep it" }));
  const yes = within(dialog).getByRole("button", { name: "Change 2 tasks" });
  await waitFor(() => expect(yes).toBeEnabled());
  await person.click(yes);
  await waitFor(() => expect(begun()[0]?.body).toMatchObject({ ids: ["a"], add_tags: ["ops"] }));
});

it("repeats a request whose answer was lost under the same id, and can be cancelled in the middle", async () => {
  listed();
  let isLost = true;
  const ids: unknown[] = [];
  record("get", "/change-sets/:id", ({ path }) =>
    HttpResponse.json(
      aChangeSet({ id: path.split("/").at(-1), state: "running", accepted: 1, waiting: 1, total: 2 }),
    ),
  );
  record("post", "/bulk-actions", ({ body }) => {
    const asked = body as { dry_run?: boolean; id?: string };
    if (asked.dry_run) return HttpResponse.json(count);
    ids.push(asked.id);
    if (isLost) return HttpResponse.error();
    return HttpResponse.json(aChangeSet({ id: asked.id, state: "running", waiting: 2 }), { status: 202 });
  });
  const cancelled = record("post", "/change-sets/:id/cancel", () => problem(409, "the change-set is done"));
  const { person } = open("/tasks");
  await person.click(await select("Task a"));
  await person.click(screen.getByRole("button", { name: "Resume…" }));
  await person.click(await screen.findByRole("button", { name: "Resume 2 tasks" }));
  expect(await screen.findByText(/to try again from here is safe/)).toBeInTheDocument();
  isLost = false;
  await person.click(screen.getByRole("button", { name: "Resume 2 tasks" }));
  await person.click(await screen.findByRole("button", { name: "Cancel the rest" }));
  expect(await screen.findByText("The change-set is done")).toBeInTheDocument();
  expect(ids[0]).toBe(ids[1]);
  expect(cancelled[0]?.path).toContain(String(ids[0]));
});

it("spreads nothing over a window that is not typed yet", async () => {
  listed();
  const { seen } = bulk();
  const { person } = open("/tasks?state=active&bulk=spread:PT5M");
  const dialog = await screen.findByRole("dialog", { name: "Spread tasks" });
  await person.selectOptions(within(dialog).getByLabelText("Over"), "Another window…");
  await within(dialog).findByRole("button", { name: "Spread 2 tasks" });
  await person.clear(within(dialog).getByLabelText("Window"));
  await waitFor(() => expect(seen.at(-1)?.body).not.toMatchObject({ spread: "PT5M" }));
  expect(seen.at(-1)?.body).not.toHaveProperty("spread");
  expect(within(dialog).getByRole("button", { name: /^Spread/ })).toBeDisabled();
  await person.selectOptions(within(dialog).getByLabelText("Over"), "Nothing: spread no more");
  const yes = within(dialog).getByRole("button", { name: "Spread 2 tasks" });
  await waitFor(() => expect(yes).toBeEnabled());
  await person.click(yes);
  await waitFor(() => expect(seen.at(-1)?.body).toMatchObject({ spread: null, id: expect.any(String) }));
});
