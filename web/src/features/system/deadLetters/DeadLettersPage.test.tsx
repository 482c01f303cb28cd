import { screen, waitFor, within } from "@testing-library/react";
import { HttpResponse } from "msw";
import { expect, it } from "vitest";
import type { DeadLetter, DeadLetterGroup } from "@/lib/deadLetter";
import { open } from "@/testing/open";
import { problem, record } from "@/testing/server";

function deadLetter(offset: number, part: Partial<DeadLetter> = {}): DeadLetter {
  return {
    ...{ id: `3-${offset}`, partition: 3, offset, buried_at: "2026-01-01T12:00:00Z", service: "ticker" },
    ...{
      topic: "tasker.task-events",
      source_partition: 5,
      source_offset: 41,
      reason: `reason ${offset}`,
      cause: "reason …",
    },
    ...{ size: 9, key: null, preview: "not JSON", is_cut: false, task_id: null, run_id: null },
    ...{ redrive: "send_back", obstacle: null },
    ...part,
  };
}

it("shows where from, why and what, page behind page", async () => {
  record("get", "/dead-letters", ({ search }) =>
    search.cursor
      ? HttpResponse.json({ items: [deadLetter(1)], next_cursor: null })
      : HttpResponse.json({
          items: [deadLetter(3), deadLetter(2, { preview: '{"a":12345678901234567890}', task_id: "a" })],
          next_cursor: "x",
        }),
  );
  const { person } = open("/system/dead-letters?view=each");
  const first = await screen.findByRole("listitem", { name: "Dead letter 3-3" });
  expect(first).toHaveTextContent("reason 3");
  expect(first).toHaveTextContent("by the tickerfrom tasker.task-events · partition 5 · offset 41");
  const second = screen.getByRole("listitem", { name: "Dead letter 3-2" });
  expect(within(second).getByRole("link", { name: "a" })).toHaveAttribute("href", "/tasks/a");
  expect(second).toHaveTextContent('{ "a": 12345678901234567890 }');
  await person.click(screen.getByRole("button", { name: "Load older ones" }));
  expect(await screen.findByRole("listitem", { name: "Dead letter 3-1" })).toBeInTheDocument();
  expect(screen.getByRole("link", { name: "System" })).toHaveAttribute("aria-current", "page");
});

it("sends back after it has asked", async () => {
  record("get", "/dead-letters", () => HttpResponse.json({ items: [deadLetter(7)], next_cursor: null }));
  const where = { topic: "tasker.task-events", partition: 5, offset: 77 };
  const seen = record("post", "/dead-letters/:partition/:offset/redrive", () =>
    HttpResponse.json({ how: "sent_back", note: "there again", ...where }),
  );
  const { person } = open("/system/dead-letters?view=each");
  await person.click(await screen.findByRole("button", { name: "Send back…" }));
  const asked = await screen.findByRole("dialog", { name: "Send it back?" });
  expect(seen).toHaveLength(0);
  await person.click(within(asked).getByRole("button", { name: "Send back" }));
  expect(await screen.findByText("Partition 5, offset 77.")).toBeInTheDocument();
  expect(seen.map((s) => s.path)).toEqual(["/api/v1/dead-letters/3/7/redrive"]);
});

it("runs again, leads to the run, and says what can't be done", async () => {
  const due = { topic: "tasker.due-tasks", service: "executor", task_id: "a", run_id: "r" };
  const items = [
    deadLetter(9, { ...due, redrive: "run_again" }),
    deadLetter(8, { redrive: null, obstacle: "its value was too large to be kept whole", is_cut: true }),
  ];
  record("get", "/dead-letters", () => HttpResponse.json({ items, next_cursor: null }));
  let isGone = true;
  record("post", "/dead-letters/:partition/:offset/redrive", () =>
    isGone
      ? problem(409, "its task 'a' is not there any more")
      : HttpResponse.json({ how: "run_again", note: "", event_id: "e", task_id: "a", run_id: "new" }),
  );
  const { person } = open("/system/dead-letters?view=each");
  const other = await screen.findByRole("listitem", { name: "Dead letter 3-8" });
  expect(other).toHaveTextContent("It can't be redriven: its value was too large to be kept whole.");
  expect(within(other).queryByRole("button")).toBeNull();
  expect(within(other).getByRole("checkbox")).toBeDisabled();
  await person.click(screen.getByRole("button", { name: "Run again…" }));
  await person.click(await screen.findByRole("button", { name: "Run again" }));
  expect(await screen.findByRole("alert")).toHaveTextContent("is not there any more");
  isGone = false;
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  await person.click(screen.getByRole("button", { name: "Run again…" }));
  await person.click(await screen.findByRole("button", { name: "Run again" }));
  expect(await screen.findByRole("link", { name: "Open the run" })).toHaveAttribute("href", "/runs/new");
});

it("says when there are none, and when Kafka is away", async () => {
  let isAway = true;
  record("get", "/dead-letters", () =>
    isAway ? problem(503, "Kafka does not answer") : HttpResponse.json({ items: [], next_cursor: null }),
  );
  const { person } = open("/system/dead-letters?view=each");
  expect(await screen.findByRole("alert")).toHaveTextContent("Kafka does not answer");
  isAway = false;
  await person.click(screen.getByRole("button", { name: "Try again" }));
  expect(await screen.findByRole("heading", { name: "No dead letters" })).toBeInTheDocument();
});

function group(cause: string, part: Partial<DeadLetterGroup> = {}): DeadLetterGroup {
  return {
    ...{ service: "executor", topic: "tasker.due-tasks", cause, count: 1_200, redrivable: 1_200 },
    ...{ first_at: "2026-01-01T11:00:00Z", last_at: "2026-01-01T12:00:00Z", task_count: 7 },
    ...{ tasks: [{ id: "a", count: 900 }], newest: deadLetter(7, { reason: "attempt 3: refused" }) },
    ...part,
  };
}

it("shows one wrong setting as one cause, and leads to its letters", async () => {
  const items = [group("attempt …: refused"), group("not JSON", { count: 1, redrivable: 0, tasks: [] })];
  record("get", "/dead-letters/groups", () => HttpResponse.json({ items, looked_at: 1_201, complete: true }));
  const seen = record("get", "/dead-letters", () => HttpResponse.json({ items: [], next_cursor: null }));
  const { person, address } = open("/system/dead-letters");
  const first = await screen.findByRole("listitem", { name: "attempt …: refused" });
  expect(first).toHaveTextContent("1,200 letters");
  expect(first).toHaveTextContent("a and 6 more tasks");
  const second = screen.getByRole("listitem", { name: "not JSON" });
  expect(within(second).getByRole("button", { name: "Redrive all…" })).toBeDisabled();
  expect(screen.getByText("1,201 dead letters in all.")).toBeInTheDocument();
  await person.click(within(first).getByRole("link", { name: "attempt …: refused" }));
  expect(await screen.findByRole("heading", { name: "No dead letter matches" })).toBeInTheDocument();
  expect(seen.at(-1)?.search).toMatchObject({ cause: "attempt …: refused", topic: "tasker.due-tasks" });
  await person.click(screen.getByRole("button", { name: /Remove filter cause/ }));
  await waitFor(() => expect(address()).not.toContain("cause"));
});

it("redrives all of a cause, page behind page, and says what was refused", async () => {
  const letters = [deadLetter(3), deadLetter(2, { redrive: null, obstacle: "cut" }), deadLetter(1)];
  record("get", "/dead-letters/groups", () =>
    HttpResponse.json({ items: [group("c", { count: 3 })], looked_at: 3, complete: true }),
  );
  record("get", "/dead-letters", ({ search }) =>
    HttpResponse.json(
      search.cursor
        ? { items: letters.slice(2), next_cursor: null }
        : { items: letters.slice(0, 2), next_cursor: "x" },
    ),
  );
  const seen = record("post", "/dead-letters/redrive", ({ body }) => {
    const done = { how: "sent_back", note: "", event_id: null, task_id: null, run_id: null };
    return HttpResponse.json({
      items: (body as { ids: string[] }).ids.map((id) =>
        id === "3-1" ? { id, done: null, error: "the task is gone" } : { id, done, error: null },
      ),
    });
  });
  const { person } = open("/system/dead-letters");
  await person.click(await screen.findByRole("button", { name: "Redrive all…" }));
  expect(seen).toHaveLength(0);
  await person.click(await screen.findByRole("button", { name: "Redrive" }));
  expect(await screen.findByText("1 redriven, 1 refused, 1 can't be redriven.")).toBeInTheDocument();
  expect(screen.getByText("3-1: the task is gone")).toBeInTheDocument();
  expect(seen.map(({ body }) => body)).toEqual([{ ids: ["3-3"] }, { ids: ["3-1"] }]);
});

it("redrives those that are chosen", async () => {
  record("get", "/dead-letters", () =>
    HttpResponse.json({ items: [deadLetter(3), deadLetter(2)], next_cursor: null }),
  );
  const seen = record("post", "/dead-letters/redrive", () => HttpResponse.json({ items: [] }));
  const { person } = open("/system/dead-letters?view=each");
  await person.click(await screen.findByRole("checkbox", { name: "Choose 3-2" }));
  await person.click(screen.getByRole("button", { name: "Redrive the chosen…" }));
  await person.click(await screen.findByRole("button", { name: "Redrive" }));
  await waitFor(() => expect(seen.map(({ body }) => body)).toEqual([{ ids: ["3-2"] }]));
});
