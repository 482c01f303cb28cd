import { screen, waitFor, within } from "@testing-library/react";
import { HttpResponse } from "msw";
import { expect, it } from "vitest";
import { open } from "@/testing/open";
import { aChangeSet } from "@/testing/samples";
import { record } from "@/testing/server";

const list = (...items: ReturnType<typeof aChangeSet>[]) => HttpResponse.json({ items, next_cursor: null });
const item = {
  ...{ task_id: "daily-report", event_id: "e1", event_type: "task.paused", verdict: "rejected" },
  ...{ state: "changed_meanwhile", version: 5, run_id: null, logged_at: "2026-11-25T09:00:00.000Z" },
  errors: [{ pointer: "", message: "somebody else has changed it" }],
};

it("lists who did what to how many tasks, with the way to each", async () => {
  record("get", "/change-sets", () =>
    list(
      aChangeSet({ note: "quarter end", rejected: 3, filter: { tag: ["finance"] } }),
      aChangeSet({ id: "set-2", kind: "import", action: "import", state: "interrupted" }),
    ),
  );
  open("/system/change-sets");
  const row = await screen.findByRole("row", { name: /Pause/ });
  expect(row).toHaveTextContent("quarter end");
  expect(row).toHaveTextContent("tag=finance");
  expect(row).toHaveTextContent("2 accepted, 3 not");
  expect(within(row).getByRole("link", { name: "Pause" })).toHaveAttribute(
    "href",
    "/system/change-sets/set-1",
  );
  expect(screen.getByRole("row", { name: /Import/ })).toHaveTextContent("Interrupted");
  const tabs = screen.getByRole("navigation", { name: "System" });
  expect(within(tabs).getByRole("link", { current: "page" })).toHaveTextContent("Changes of many tasks");
});

it("says that there are none, and why they can't be shown", async () => {
  let isAway = true;
  record("get", "/change-sets", () => (isAway ? new HttpResponse(null, { status: 500 }) : list()));
  const { person } = open("/system/change-sets");
  expect(await screen.findByRole("alert")).toHaveTextContent("The changes can't be shown");
  isAway = false;
  await person.click(screen.getByRole("button", { name: "Try again" }));
  expect(await screen.findByRole("heading", { name: /Nothing was done/ })).toBeInTheDocument();
});

it("shows what became of each task of one, and undoes it once that is confirmed", async () => {
  const sets = [
    aChangeSet({ rejected: 1, total: 3 }),
    aChangeSet({ id: "undo-1", kind: "undo", undoes: "set-1" }),
  ];
  record("get", "/change-sets/:id", ({ path }) =>
    HttpResponse.json(sets.find(({ id }) => path.endsWith(id))),
  );
  const seen = record("get", "/change-sets/:id/items", () =>
    HttpResponse.json({ items: [item], next_cursor: null }),
  );
  const undone = record("post", "/change-sets/:id/undo", () => HttpResponse.json(sets[1], { status: 202 }));
  const { person, address } = open("/system/change-sets/set-1");
  const row = await screen.findByRole("row", { name: /daily-report/ });
  expect(row).toHaveTextContent("Changed by somebody else");
  expect(row).toHaveTextContent("somebody else has changed it");
  await person.click(screen.getByRole("radio", { name: "Rejected" }));
  await waitFor(() => expect(address()).toBe("/system/change-sets/set-1?verdict=rejected"));
  await waitFor(() => expect(seen.some(({ search }) => search.verdict === "rejected")).toBe(true));
  await person.click(screen.getByRole("button", { name: "Undo" }));
  const dialog = await screen.findByRole("dialog", { name: "Undo this for 2 tasks?" });
  expect(undone).toHaveLength(0);
  await person.click(within(dialog).getByRole("button", { name: "Undo" }));
  await waitFor(() => expect(address()).toBe("/system/change-sets/undo-1"));
  expect(await screen.findByRole("heading", { name: "Undo" })).toBeInTheDocument();
});

it("goes on with what was interrupted, but not with an import: its file is sent again", async () => {
  let kind: "bulk" | "import" = "bulk";
  record("get", "/change-sets/:id", () => HttpResponse.json(aChangeSet({ kind, state: "interrupted" })));
  record("get", "/change-sets/:id/items", () => HttpResponse.json({ items: [], next_cursor: null }));
  const resumed = record("post", "/change-sets/:id/resume", () => {
    kind = "import";
    return HttpResponse.json(aChangeSet({ kind, state: "interrupted" }), { status: 202 });
  });
  const { person } = open("/system/change-sets/set-1");
  await person.click(await screen.findByRole("button", { name: "Go on" }));
  expect(await screen.findByText(/when the same file is imported again/)).toBeInTheDocument();
  expect(resumed).toHaveLength(1);
  expect(screen.queryByRole("button", { name: "Go on" })).toBeNull();
});
