import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { HttpResponse } from "msw";
import { beforeEach, expect, it } from "vitest";
import type { Occurrence } from "@/lib/occurrence";
import { open } from "@/testing/open";
import { aTask, runId } from "@/testing/samples";
import { problem, record, type Seen } from "@/testing/server";

function at(day: number, part: Partial<Occurrence>): Occurrence {
  const nominal_at = new Date(Date.UTC(2026, 10, day, 8)).toISOString();
  return {
    ...{ nominal_at, effective_at: nominal_at, status: "ran", reason: null, run: null, backfill: null },
    ...{ version: 12, changed_to: null, by: null, channel: null, note: null, from: null, to: null, text: "" },
    ...part,
  };
}

const run = { id: runId(4), state: "failed", started_at: null, finished_at: null, error: null } as const;
const ran = at(25, { status: "ran", run, text: "Failed after 3 attempts: it broke." });
const missed = at(24, { status: "missed", reason: "policy", text: "Missed: it could not be emitted." });
let knownFrom = "2026-11-20T00:00:00.000Z";
let next: string | null = null;
let seen: Seen[] = [];

beforeEach(() => {
  knownFrom = "2026-11-20T00:00:00.000Z";
  next = null;
  record("get", "/tasks/:id", () => HttpResponse.json(aTask({ state: "paused", next_at: null })));
  seen = record("get", "/tasks/:id/occurrences", ({ search }) => {
    const items = search.cursor ? [missed] : [ran, missed];
    const known = { known_from: knownFrom, known_because: "not_kept" };
    return HttpResponse.json({ items, ...known, next_cursor: search.cursor ? null : next });
  });
});

const show = async (query = "") => {
  const opened = open(`/tasks/daily-report?tab=occurrences${query}`);
  return { ...opened, list: await screen.findByRole("list", { name: "Occurrences" }) };
};

it("says what became of each time, leads to its run, and says where the knowledge ends", async () => {
  const { list } = await show("&at=2026-11-26T00:00:00Z");
  const [first, second] = within(list).getAllByRole("listitem");
  expect(first).toHaveTextContent("Failed after 3 attempts: it broke.");
  expect(within(first as HTMLElement).getByRole("link", { name: "Open the run" })).toHaveAttribute(
    "href",
    `/runs/${runId(4)}`,
  );
  expect(second).toHaveTextContent("Missed: it could not be emitted.");
  expect(screen.getByText(/may not be known any more: the log keeps runs no longer/)).toBeInTheDocument();
  expect(seen[0]?.search).toMatchObject({ order: "desc", to: "2026-11-26T00:00:00.000Z" });
});

it("runs a missed time after it has asked", async () => {
  const asked = record("post", "/tasks/:id/backfills", () =>
    HttpResponse.json({ event_id: "e", task_id: "daily-report", count: 1, rate: 600 }),
  );
  const { person } = await show();
  await person.click(screen.getByRole("button", { name: "Backfill this time…" }));
  const dialog = await screen.findByRole("dialog", { name: "Run what was missed?" });
  expect(asked).toHaveLength(0);
  await person.click(within(dialog).getByRole("button", { name: "Run it" }));
  expect(await screen.findByText(/is being run/)).toBeInTheDocument();
  expect(asked[0]?.body).toEqual({ times: [missed.nominal_at], rate: 600 });
});

it("runs a missed time once when the answer was lost and it is asked for again", async () => {
  let isLost = true;
  const asked = record("post", "/tasks/:id/backfills", () =>
    isLost
      ? HttpResponse.error()
      : HttpResponse.json({ event_id: "e", task_id: "daily-report", count: 1, rate: 600 }),
  );
  const { person } = await show();
  const run = async () => {
    await person.click(await screen.findByRole("button", { name: "Backfill this time…" }));
    await person.click(await screen.findByRole("button", { name: "Run it" }));
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  };
  await run();
  isLost = false;
  await run();
  await run();
  const [lost, repeated, anew] = asked.map(({ headers }) => headers.get("idempotency-key"));
  expect(lost).toBeTruthy();
  expect(repeated).toBe(lost);
  expect(anew).not.toBe(lost);
});

it("keeps the filters in the address, pages, and looks further back where more is known", async () => {
  next = "behind";
  knownFrom = "2026-01-01T00:00:00.000Z";
  const { person, address } = await show("&at=2026-11-26T00:00:00Z");
  fireEvent.change(screen.getByLabelText("Status"), { target: { value: "missed" } });
  await waitFor(() => expect(address()).toContain("status=missed"));
  await waitFor(() => expect(seen.at(-1)?.search.status).toBe("missed"));
  await person.click(await screen.findByRole("button", { name: "Next page" }));
  await waitFor(() => expect(address()).toContain("cursor=behind"));
  await person.click(await screen.findByRole("button", { name: "Look further back" }));
  await waitFor(() => expect(address()).toContain("at=2026-10-26T00%3A00%3A00.000Z"));
  expect(address()).not.toContain("cursor");
});

it("looks ahead, from an instant that is typed", async () => {
  const { person } = await show();
  await person.click(screen.getByLabelText("Coming"));
  await waitFor(() => expect(seen.at(-1)?.search.order).toBe("asc"));
  fireEvent.change(screen.getByLabelText(/^Jump to, in/), { target: { value: "2026-12-24T18:00:00" } });
  await person.click(screen.getByRole("button", { name: "Jump to" }));
  const wanted = new Date("2026-12-24T18:00:00").toISOString();
  await waitFor(() => expect(seen.at(-1)?.search).toMatchObject({ order: "asc", from: wanted }));
});

it("says why nothing is known, and offers no backfill of a task that is gone", async () => {
  record("get", "/tasks/:id", () => problem(404, "no"));
  await show();
  expect(screen.queryByRole("button", { name: "Backfill this time…" })).toBeNull();
  record("get", "/tasks/:id/occurrences", () => problem(404, "the task is not there"));
  open("/tasks/other?tab=occurrences");
  expect(await screen.findByRole("heading", { name: "No occurrence is known" })).toBeInTheDocument();
});
