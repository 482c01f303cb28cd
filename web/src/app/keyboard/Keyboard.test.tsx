import { screen, waitFor, within } from "@testing-library/react";
import { HttpResponse } from "msw";
import { beforeEach, expect, it } from "vitest";
import { singleKeys } from "@/lib/singleKeys";
import { open } from "@/testing/open";
import { aTask } from "@/testing/samples";
import { problem, record } from "@/testing/server";

const report = aTask({ id: "report", name: "Daily report" });
const backup = aTask({ id: "backup", name: "Backup" });

beforeEach(() => {
  singleKeys.choose("on");
  record("get", "/tasks", ({ search }) =>
    HttpResponse.json({
      items: search.q === undefined ? [report, backup] : search.q === "back" ? [backup] : [],
      next_cursor: null,
    }),
  );
  record("get", "/tasks/report", () => HttpResponse.json(report));
  record("get", "/tasks/backup", () => HttpResponse.json(backup));
});

async function openTasks() {
  const opened = open("/tasks");
  await screen.findByRole("link", { name: "Backup" });
  return opened;
}

it("moves from row to row, and selects and opens the one that has the focus", async () => {
  const { person, address } = await openTasks();
  await person.keyboard("j");
  expect(screen.getByRole("link", { name: "Daily report" })).toHaveFocus();
  await person.keyboard("jj");
  expect(screen.getByRole("link", { name: "Backup" })).toHaveFocus();
  await person.keyboard("x");
  expect(screen.getByRole("checkbox", { name: "Select Backup" })).toBeChecked();
  await person.keyboard("kk");
  expect(screen.getByRole("link", { name: "Daily report" })).toHaveFocus();
  await person.keyboard("{Enter}");
  await waitFor(() => expect(address()).toBe("/tasks/report"));
});

it("goes to the page's search, where letters are letters", async () => {
  const { person, address } = await openTasks();
  await person.keyboard("/");
  const field = screen.getByRole("searchbox");
  expect(field).toHaveFocus();
  await person.keyboard("njk?");
  expect(field).toHaveValue("njk?");
  expect(address()).toMatch(/^\/tasks\b(?!\/new)/);
  expect(screen.queryByRole("dialog")).toBeNull();
});

it("begins a new task", async () => {
  const { person, address } = await openTasks();
  await person.keyboard("n");
  await waitFor(() => expect(address()).toBe("/tasks/new"));
});

it("goes to a task by a few letters of its name", async () => {
  const { person, address } = await openTasks();
  await person.keyboard("{Control>}k{/Control}");
  const dialog = await screen.findByRole("dialog", { name: "Go to" });
  await person.keyboard("back");
  const found = await within(dialog).findByRole("option", { name: /^Backup/ });
  await waitFor(() => expect(found).toHaveAttribute("data-combobox-selected"));
  await person.keyboard("{Enter}");
  await waitFor(() => expect(address()).toBe("/tasks/backup"));
  expect(screen.queryByRole("dialog")).toBeNull();
});

/** The palette, with a search that answers when it is told to. */
async function openPalette(found: Record<string, unknown[]>) {
  const opened = await openTasks();
  const answers: Record<string, () => void> = {};
  record("get", "/tasks", async ({ search }) => {
    const q = String(search.q);
    await new Promise<void>((resolve) => {
      answers[q] = resolve;
    });
    return HttpResponse.json({ items: found[q] ?? [], next_cursor: null });
  });
  await opened.person.keyboard("{Control>}k{/Control}");
  const dialog = await screen.findByRole("dialog", { name: "Go to" });
  const answer = async (q: string) => {
    await waitFor(() => expect(answers[q]).toBeDefined());
    answers[q]?.();
  };
  return { ...opened, answer, option: (name: RegExp) => within(dialog).findByRole("option", { name }) };
}

it("goes by Enter to what is found for all that is typed, however late it comes", async () => {
  const { person, address, answer, option } = await openPalette({ dai: [report], daix: [backup] });
  await person.keyboard("dai");
  await answer("dai");
  await option(/^Daily report/);
  await person.keyboard("x{Enter}");
  await answer("daix");
  await waitFor(() => expect(address()).toBe("/tasks/backup"));
  expect(screen.queryByRole("dialog")).toBeNull();
});

it("goes nowhere by an Enter after which more is typed", async () => {
  const { person, address, answer, option } = await openPalette({ over: [report], overx: [backup] });
  await person.keyboard("over{Enter}x");
  await answer("overx");
  await option(/^Backup/);
  expect(address()).toBe("/tasks");
  await person.keyboard("{Enter}");
  await waitFor(() => expect(address()).toBe("/tasks/backup"));
});

it("stays with the entry that arrows have chosen while others come", async () => {
  const { person, address, answer, option } = await openPalette({ fail: [backup] });
  await person.keyboard("fail");
  const chosen = await option(/^Failed runs/);
  await person.keyboard("{ArrowDown}{ArrowDown}");
  expect(chosen).toHaveAttribute("data-combobox-selected");
  await answer("fail");
  await option(/^Backup/);
  expect(chosen).toHaveAttribute("data-combobox-selected");
  await person.keyboard("{Enter}");
  await waitFor(() => expect(address()).toBe("/runs?state=failed"));
});

it("goes to a list by the words of its name or by others for it", async () => {
  const { person, address } = await openTasks();
  await person.click(screen.getByRole("button", { name: "Go to anything" }));
  await waitFor(() => expect(screen.getByRole("textbox", { name: /A page, a task/ })).toHaveFocus());
  await person.keyboard("tasks fail");
  const dialog = screen.getByRole("dialog", { name: "Go to" });
  await waitFor(() => expect(within(dialog).getAllByRole("option")).toHaveLength(1));
  await person.keyboard("{Enter}");
  await waitFor(() => expect(address()).toBe("/tasks?min_failures=1&sort=-failures"));
});

it("says what can't be searched, and what nothing is called", async () => {
  const { person } = await openTasks();
  await person.keyboard("{Control>}k{/Control}");
  const field = await screen.findByRole("textbox", { name: /A page, a task/ });
  record("get", "/tasks", () => problem(422, "a search takes a letter or a digit"));
  await person.type(field, "/-");
  const found = screen.getByRole("listbox", { name: "What is found" });
  await waitFor(() => expect(found).toHaveAttribute("aria-busy", "false"));
  expect(within(found).getByRole("option", { name: /^Overview/ })).toBeInTheDocument();
  expect(screen.queryByText(/can't be searched/)).toBeNull();
  record("get", "/tasks", () => HttpResponse.json({ items: [], next_cursor: null }));
  await person.clear(field);
  await person.type(field, "zebra");
  expect(await screen.findByText("Nothing is called that")).toBeInTheDocument();
  record("get", "/tasks", () => problem(503, "the database is away"));
  await person.keyboard("s");
  expect(await screen.findByText(/can't be searched: .*the database is away/)).toBeInTheDocument();
});

it("tells its keys, and leaves single letters alone where that is wished", async () => {
  const { person, address } = await openTasks();
  await person.keyboard("?");
  const dialog = await screen.findByRole("dialog", { name: "Keyboard" });
  await person.click(within(dialog).getByRole("switch", { name: /^Single letters are shortcuts/ }));
  await person.keyboard("{Escape}");
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  await person.keyboard("n?/j");
  expect(address()).toBe("/tasks");
  expect(screen.queryByRole("dialog")).toBeNull();
  await person.keyboard("{Control>}k{/Control}");
  expect(await screen.findByRole("dialog", { name: "Go to" })).toBeInTheDocument();
});

it("closes the palette by Escape, and is back where one was", async () => {
  const { person } = await openTasks();
  await person.click(screen.getByRole("searchbox"));
  await person.keyboard("{Control>}k{/Control}");
  await person.type(
    await screen.findByRole("textbox", { name: "A page, a task, a run or what to do" }),
    "ov",
  );
  await person.keyboard("{Escape}");
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  expect(screen.getByRole("searchbox")).toHaveFocus();
});

it("does nothing behind a dialog", async () => {
  const { person, address } = await openTasks();
  await person.click(screen.getByRole("button", { name: "Delete Backup" }));
  await screen.findByRole("dialog");
  await person.keyboard("n{Control>}k{/Control}");
  expect(screen.getAllByRole("dialog")).toHaveLength(1);
  expect(address()).toBe("/tasks");
});
