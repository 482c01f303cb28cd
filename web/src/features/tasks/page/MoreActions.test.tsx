import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { HttpResponse } from "msw";
import { beforeEach, expect, it } from "vitest";
import { open } from "@/testing/open";
import { aTask } from "@/testing/samples";
import { problem, record } from "@/testing/server";

beforeEach(() => {
  record("get", "/tasks/:id", () =>
    HttpResponse.json(aTask({ state: "paused", next_at: null, overlap: "skip" })),
  );
  record("get", "/runs", () => HttpResponse.json({ items: [], next_cursor: null }));
});

async function choose(name: string) {
  const opened = open("/tasks/daily-report");
  await opened.person.click(await screen.findByRole("button", { name: "More" }));
  await opened.person.click(await screen.findByRole("menuitem", { name }));
  return { ...opened, dialog: await screen.findByRole("dialog") };
}

const set = (label: string, value: string) =>
  fireEvent.change(screen.getByLabelText(label), { target: { value } });

it("cancels all unfinished runs after it has asked", async () => {
  const seen = record("post", "/tasks/:id/cancel", () =>
    HttpResponse.json({ event_id: "e", task_id: "daily-report", run_id: null }),
  );
  const { person, dialog } = await choose("Cancel unfinished runs…");
  expect(seen).toHaveLength(0);
  await person.click(within(dialog).getByRole("button", { name: "Cancel the runs" }));
  expect(await screen.findByText(/Unfinished runs of Daily report are being cancelled/)).toBeInTheDocument();
  expect(seen.map((s) => s.path)).toEqual(["/api/v1/tasks/daily-report/cancel"]);
});

it("counts a backfill before it begins, and begins it on request", async () => {
  const seen = record("post", "/tasks/:id/backfills", ({ body }) => {
    const { dry_run, rate } = body as { dry_run?: boolean; rate: number };
    const ends = { first: "2026-11-01T08:00:00Z", last: "2026-11-02T08:00:00Z" };
    const more = { is_more: false, cut: 0, cut_is_more: false };
    const response = { task_id: "daily-report", rate, count: 1_234, ...more, ...ends };
    return HttpResponse.json({ event_id: dry_run ? null : "e", ...response });
  });
  const { person, dialog } = await choose("Backfill…");
  expect(within(dialog).getByRole("button", { name: "Run them" })).toBeDisabled();
  set("From", "2026-11-01T00:00:00");
  set("Up to", "2026-11-03T00:00:00");
  set("Runs a minute", "60");
  expect(await within(dialog).findByText(/1,234 runs/)).toHaveTextContent("through in about 20 min");
  expect(within(dialog).getByText(/The task skips a run/)).toBeInTheDocument();
  expect(seen.every((s) => (s.body as { dry_run?: boolean }).dry_run)).toBe(true);
  await person.click(within(dialog).getByRole("button", { name: "Run them" }));
  expect(await screen.findByText("Daily report is being backfilled")).toBeInTheDocument();
  const [start, end] = ["2026-11-01T00:00:00", "2026-11-03T00:00:00"].map((at) => new Date(at).toISOString());
  expect(seen.at(-1)?.body).toEqual({ start, end, rate: 60 });
});

it("says what was cut of what failed, and when there is nothing", async () => {
  let count = 1_000;
  const seen = record("post", "/tasks/:id/backfills", () => {
    const response = { task_id: "daily-report", rate: 600, count, is_more: false };
    return HttpResponse.json({ event_id: null, ...response, cut: count && 500, cut_is_more: true });
  });
  const { person, dialog } = await choose("Backfill…");
  await person.click(within(dialog).getByLabelText("What failed"));
  expect(await within(dialog).findByText(/More than 500 later ones do not fit in/)).toBeInTheDocument();
  expect(seen.at(-1)?.body).toEqual({ only: "failed", rate: 600, dry_run: true });
  count = 0;
  await person.click(within(dialog).getByLabelText("What was missed"));
  expect(await within(dialog).findByText("There is nothing to run.")).toBeInTheDocument();
  expect(within(dialog).getByRole("button", { name: "Run them" })).toBeDisabled();
});

it("puts what is wrong beside the field that it means", async () => {
  record("post", "/tasks/:id/backfills", () =>
    problem(422, "no", [{ pointer: "/end", message: "lies in the future" }]),
  );
  await choose("Backfill…");
  set("From", "2026-11-01T00:00:00");
  set("Up to", "2099-11-03T00:00:00");
  await waitFor(() =>
    expect(screen.getByLabelText("Up to")).toHaveAccessibleDescription(/lies in the future/),
  );
  expect(screen.getByRole("button", { name: "Run them" })).toBeDisabled();
});

it("begins no backfill that is not counted yet, and none twice when an answer was lost", async () => {
  const begun: (string | null)[] = [];
  record("post", "/tasks/:id/backfills", ({ body, headers }) => {
    const response = { task_id: "daily-report", rate: 600, count: 3, is_more: false, cut: 0 };
    if ((body as { dry_run?: boolean }).dry_run) return HttpResponse.json({ event_id: null, ...response });
    begun.push(headers.get("idempotency-key"));
    return begun.length === 1 ? HttpResponse.error() : HttpResponse.json({ event_id: "e", ...response });
  });
  const { person, dialog } = await choose("Backfill…");
  const run = () => within(dialog).getByRole("button", { name: "Run them" });
  set("From", "20266-11-01T00:00:00"); // a year too long by a digit
  set("Up to", "2026-11-03T00:00:00");
  expect(run()).toBeDisabled();
  set("From", "2026-11-01T00:00:00");
  expect(run()).toBeDisabled();
  expect(await within(dialog).findByText("3 runs")).toBeInTheDocument();
  await person.click(run());
  expect(await within(dialog).findByText(/to try again from here is safe/)).toBeInTheDocument();
  await person.click(run());
  expect(await screen.findByText("Daily report is being backfilled")).toBeInTheDocument();
  expect(begun[0]).toBeTruthy();
  expect(begun[1]).toBe(begun[0]);
});
