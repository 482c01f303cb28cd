import { screen, waitFor, within } from "@testing-library/react";
import { HttpResponse } from "msw";
import { expect, it } from "vitest";
import { open } from "@/testing/open";
import { aTask } from "@/testing/samples";
import { problem, record, type Seen } from "@/testing/server";

const at = (secondsFromNow: number) => new Date(Date.now() + secondsFromNow * 1_000).toISOString();

const tasks = (...items: ReturnType<typeof aTask>[]) => HttpResponse.json({ items, next_cursor: null });

it("has four states: loading, then empty with the way to the first task", async () => {
  record("get", "/tasks", () => tasks());
  open("/tasks");
  expect(await screen.findByRole("status", { name: "Loading tasks" })).toBeInTheDocument();
  expect(await screen.findByRole("heading", { name: "No tasks yet" })).toBeInTheDocument();
  expect(screen.getAllByRole("button", { name: "New task" })).toHaveLength(2);
  expect(screen.queryByRole("button", { name: "Clear filters" })).toBeNull();
});

it("empty by filter, with the way out", async () => {
  record("get", "/tasks", ({ search }) => (search.q ? tasks() : tasks(aTask())));
  const { person, address } = open("/tasks?q=zzz&sort=-name");
  expect(await screen.findByRole("heading", { name: "No task matches" })).toBeInTheDocument();
  await person.click(screen.getByRole("button", { name: "Clear filters" }));
  expect(await screen.findByRole("row", { name: /Daily report/ })).toBeInTheDocument();
  expect(address()).toBe("/tasks?sort=-name");
});

it("and an error, with the problem's text and a way to try again", async () => {
  let isAway = true;
  record("get", "/tasks", () => (isAway ? problem(503, "the database does not answer") : tasks(aTask())));
  const { person } = open("/tasks");
  expect(await screen.findByRole("alert")).toHaveTextContent("The database does not answer");
  isAway = false;
  await person.click(screen.getByRole("button", { name: "Try again" }));
  expect(await screen.findByRole("row", { name: /Daily report/ })).toBeInTheDocument();
});

it("says that the API is away, keeps what is known, and goes on by itself", async () => {
  let isAway = false;
  record("get", "/tasks", () => (isAway ? HttpResponse.error() : tasks(aTask())));
  open("/tasks");
  await screen.findByRole("row", { name: /Daily report/ });
  isAway = true;
  expect(await screen.findByText("Tasker can't be reached.", {}, { timeout: 8_000 })).toBeInTheDocument();
  expect(screen.getByRole("row", { name: /Daily report/ })).toBeInTheDocument();
  isAway = false;
  await waitFor(() => expect(screen.queryByText("Tasker can't be reached.")).toBeNull(), { timeout: 8_000 });
});

it("shows what the server says of a task", async () => {
  const last_run = {
    ...{ id: "r1", state: "failed" as const, nominal_at: "2026-01-01T00:00:00Z" },
    ...{ effective_at: "2026-01-01T00:00:00Z", finished_at: "2026-01-01T00:00:01Z" },
  };
  record("get", "/tasks", () => tasks(aTask({ last_run, state: "paused", next_at: null })));
  open("/tasks");
  const row = await screen.findByRole("row", { name: /Daily report/ });
  expect(row).toHaveTextContent("At 09:00 on Monday to Friday (Europe/Berlin)");
  expect(within(row).getByText("Failed").closest("a")).toHaveAttribute("href", "/runs/r1");
  expect(within(row).getByText("Paused")).toBeInTheDocument();
  expect(within(row).getByRole("button", { name: "Resume Daily report" })).toBeInTheDocument();
});

it("asks for what the address says, and writes filters, order and page into it", async () => {
  const seen: Seen[] = record("get", "/tasks", () =>
    HttpResponse.json({ items: [aTask()], next_cursor: "page-2" }),
  );
  const { person, address } = open(
    "/tasks?q=rep&state=active&handler=curl&tag=finance&tag=daily&sort=-next_at",
  );
  await screen.findByRole("row", { name: /Daily report/ });
  expect(seen[0]?.search).toEqual({
    ...{ q: "rep", state: "active", handler: "curl", tag: ["finance", "daily"] },
    ...{ sort: "-next_at", limit: "50" },
  });
  await person.click(screen.getByRole("button", { name: "Next page" }));
  await waitFor(() => expect(seen.at(-1)?.search.cursor).toBe("page-2"));
  await person.selectOptions(screen.getByRole("combobox", { name: "State" }), "paused");
  await waitFor(() => expect(seen.at(-1)?.search).toMatchObject({ state: "paused", q: "rep" }));
  expect(seen.at(-1)?.search.cursor).toBeUndefined();
  await person.click(screen.getByRole("button", { name: "Remove filter Tag finance" }));
  await waitFor(() => expect(seen.at(-1)?.search.tag).toBe("daily"));
  await person.clear(screen.getByRole("searchbox", { name: "Search tasks" }));
  await person.type(screen.getByRole("searchbox", { name: "Search tasks" }), "5");
  await waitFor(() => expect(address()).toBe("/tasks?q=5&state=paused&handler=curl&tag=daily&sort=-next_at"));
});

it("adds a tag to those that are asked for already", async () => {
  record("get", "/tasks", () => tasks(aTask({ tags: ["finance", "daily"] })));
  const { person, address } = open("/tasks?tag=finance");
  await person.click(await screen.findByRole("button", { name: "Show only tasks tagged daily" }));
  await waitFor(() => expect(address()).toBe("/tasks?tag=finance&tag=daily"));
  await person.click(screen.getByRole("button", { name: "Filters (2)" }));
  await person.type(screen.getByRole("textbox", { name: "Tag" }), "ops{Enter}");
  await waitFor(() => expect(address()).toBe("/tasks?tag=finance&tag=daily&tag=ops"));
  expect(screen.getByRole("textbox", { name: "Tag" })).toHaveValue("");
});

it("says how often a task failed in a row, who paused it, and that it runs only when it is triggered", async () => {
  const pause = { by: "tasker", at: "2026-11-25T09:00:00Z", note: "paused after 5 failures in a row" };
  const schedule = { manual: true } as const;
  record("get", "/tasks", () =>
    tasks(aTask({ state: "paused", pause, failures: 5, schedule, next_at: null })),
  );
  open("/tasks");
  const row = await screen.findByRole("row", { name: /Daily report/ });
  expect(row).toHaveTextContent("5 failures in a row");
  expect(row).toHaveTextContent("by Tasker");
  expect(row).toHaveTextContent("when triggered");
});

it("has what is seldom filtered by behind a button, with a chip for what is set, and sorts by it", async () => {
  const seen = record("get", "/tasks", () => tasks(aTask()));
  const { person, address } = open("/tasks?last_outcome=failed&min_failures=4&handler=curl");
  await screen.findByRole("row", { name: /Daily report/ });
  expect(seen[0]?.search).toMatchObject({ last_outcome: "failed", min_failures: "4" });
  expect(screen.queryByRole("combobox", { name: "Last outcome" })).toBeNull();
  await person.click(screen.getByRole("button", { name: "Remove filter Handler curl" }));
  await person.click(screen.getByRole("button", { name: "Filters (2)" }));
  expect(screen.getByRole("combobox", { name: "Failures in a row" })).toHaveDisplayValue("4+");
  await person.selectOptions(screen.getByRole("combobox", { name: "Last outcome" }), "succeeded");
  await person.selectOptions(screen.getByRole("combobox", { name: "Failures in a row" }), "");
  await person.type(screen.getByRole("textbox", { name: "Paused by" }), "tasker");
  await person.click(screen.getByRole("button", { name: "Done" })); // what is typed is taken by going on
  await waitFor(() => expect(seen.at(-1)?.search.paused_by).toBe("tasker"));
  await person.selectOptions(screen.getByRole("combobox", { name: "Order" }), "-failures");
  await waitFor(() =>
    expect(address()).toBe("/tasks?last_outcome=succeeded&paused_by=tasker&sort=-failures"),
  );
  await person.click(screen.getByRole("button", { name: "Last runs" }));
  await waitFor(() => expect(seen.at(-1)?.search.sort).toBe("last_outcome"));
});

it("says which task is late, and shows only those on request", async () => {
  const seen = record("get", "/tasks", () =>
    tasks(
      aTask({ next_at: at(-60) }),
      aTask({ id: "soon", name: "Soon", next_at: at(-4) }),
      aTask({ id: "spread", name: "Spread", next_at: at(-60), due_at: at(60) }),
      aTask({ id: "still", name: "Still", next_at: at(-60), state: "paused" }),
    ),
  );
  const { person, address } = open("/tasks");
  expect(await screen.findByRole("row", { name: /Daily report/ })).toHaveTextContent("late1 min ago");
  expect(screen.getByRole("row", { name: /Soon/ })).not.toHaveTextContent("late");
  expect(screen.getByRole("row", { name: /Spread/ })).not.toHaveTextContent("late");
  expect(screen.getByRole("row", { name: /Still/ })).not.toHaveTextContent("late");
  await person.click(screen.getByRole("button", { name: "Late only" }));
  await waitFor(() => expect(seen.at(-1)?.search.late).toBe("true"));
  expect(address()).toBe("/tasks?late=true");
  expect(screen.getByRole("button", { name: "Late only", pressed: true })).toBeInTheDocument();
});

it("shows how the last runs went, the newest of them as a link", async () => {
  record("get", "/tasks", () => tasks(aTask()));
  const run = { kind: "scheduled", nominal_at: at(-9), started_at: at(-9), finished_at: at(-8), error: null };
  const runs = [
    { ...run, id: "r3", state: "failed" },
    { ...run, id: "r2", state: "succeeded" },
  ];
  const seen = record("get", "/recent-runs", () => HttpResponse.json({ tasks: { "daily-report": runs } }));
  open("/tasks");
  const row = await screen.findByRole("row", { name: /Daily report/ });
  await within(row).findByText("Of the last 2 runs 1 failed.");
  expect(within(row).getByRole("link", { name: "Failed" })).toHaveAttribute("href", "/runs/r3");
  expect(seen[0]?.search.task_id).toBe("daily-report");
});

it("shows two tags of a task, and the others on request", async () => {
  record("get", "/tasks", () => tasks(aTask({ tags: ["a", "b", "c"] })));
  const { person, address } = open("/tasks");
  await person.click(await screen.findByRole("button", { name: "1 more tag" }));
  await person.click(await screen.findByRole("button", { name: "Show only tasks tagged c" }));
  await waitFor(() => expect(address()).toBe("/tasks?tag=c"));
});

it("says what an address asks for that it does not know, and asks for the rest", async () => {
  const seen = record("get", "/tasks", () => tasks(aTask()));
  const { person, address } = open("/tasks?state=asleep&colour=red&q=rep");
  expect(await screen.findByText("state=asleep colour=red")).toBeInTheDocument();
  expect(seen[0]?.search).toEqual({ q: "rep", limit: "50" });
  await person.click(screen.getByRole("button", { name: "Clear the address" }));
  await waitFor(() => expect(address()).toBe("/tasks?q=rep"));
  expect(screen.queryByText("state=asleep colour=red")).toBeNull();
});
