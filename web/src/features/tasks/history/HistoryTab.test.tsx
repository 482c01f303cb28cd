import { screen, waitFor, within } from "@testing-library/react";
import { HttpResponse } from "msw";
import { beforeEach, expect, it } from "vitest";
import type { Revision } from "@/lib/revision";
import { open } from "@/testing/open";
import { aTask } from "@/testing/samples";
import { problem, record } from "@/testing/server";

function version(number: number, part: Partial<Revision> = {}): Revision {
  return {
    ...{ version: number, generation: 3, kind: "edited", actor: "ada", channel: "ui", note: null },
    ...{
      event_id: "e",
      change_set: null,
      effective_from: `2026-01-0${number % 10}T00:00:00.000Z`,
      until: null,
    },
    ...{ logged_at: "2026-01-02T00:00:00.000Z", paused: false, changes: [], changes_left_out: 0 },
    ...{ finished: null, text: `Text of ${number}.` },
    ...part,
  };
}

const changed = [
  { pointer: "/schedule/cron", kind: "changed", before: "0 8 * * *", after: "0 9 * * *", cut: false },
  { pointer: "/tags", kind: "added", before: null, after: ["finance"], cut: false },
  { pointer: "/payload", kind: "changed", before: null, after: null, cut: true },
] as const;
let task = aTask();

beforeEach(() => {
  task = aTask({ state: "paused", next_at: null, version: 12 });
  record("get", "/tasks/:id", () => HttpResponse.json(task, { headers: { etag: `"${task.version}-a"` } }));
  record("get", "/tasks/:id/history", () => {
    const items = [
      version(12, { changes: [...changed], changes_left_out: 2 }),
      version(7, { changes: null }),
    ];
    return HttpResponse.json({ items, next_cursor: null });
  });
});

async function show() {
  const opened = open("/tasks/daily-report?tab=history");
  const list = await screen.findByRole("list", { name: "Versions" });
  return { ...opened, one: (n: number) => within(list).getByRole("listitem", { name: `Version ${n}` }) };
}

async function revert(opened: Awaited<ReturnType<typeof show>>) {
  const { person, one } = opened;
  await person.click(within(one(7)).getByRole("button", { name: "Revert to this version…" }));
  return screen.findByRole("dialog", { name: "Revert to version 7?" });
}

it("says who changed what, and shows a version whole", async () => {
  const seen = record("get", "/tasks/:id/history/:version", () =>
    HttpResponse.json({ ...version(7), task: { name: "As it was" } }),
  );
  const { person, one, address } = await show();
  expect(one(12)).toHaveTextContent("By ada, through the web UI");
  expect(one(12)).toHaveTextContent(/schedule › cron changed.*"0 8 \* \* \*".*"0 9 \* \* \*"/);
  expect(one(12)).toHaveTextContent('tags added+ ["finance"]');
  expect(one(12)).toHaveTextContent(/Too large to be shown here.*and 2 more/);
  expect(within(one(12)).queryByRole("button", { name: /^Revert/ })).toBeNull();
  expect(one(7)).toHaveTextContent("What it changed is not known any more.");
  await person.click(within(one(7)).getByRole("button", { name: "Show it whole" }));
  expect(await within(one(7)).findByText(/As it was/)).toBeInTheDocument();
  expect(address()).toBe("/tasks/daily-report?tab=history&version=7");
  expect(seen[0]?.path).toBe("/api/v1/tasks/daily-report/history/7");
});

it("shows every digit of a number, of what changed as of a version that is shown whole", async () => {
  const [before, after] = ["9007199254740993", "1.0000000000000000001"];
  const digits = (json: string) => json.replaceAll('"B"', before).replaceAll('"A"', after);
  const change = { pointer: "/payload/n", kind: "changed", before: "B", after: "A", cut: false } as const;
  const items = [version(12, { changes: [change] }), version(7)];
  const typed = { headers: { "content-type": "application/json" } };
  record(
    "get",
    "/tasks/:id/history",
    () => new HttpResponse(digits(JSON.stringify({ items, next_cursor: null })), typed),
  );
  const whole = { ...version(7), task: { payload: { n: "B" }, retry: { factor: 2 } } };
  record("get", "/tasks/:id/history/:version", () => new HttpResponse(digits(JSON.stringify(whole)), typed));
  const { person, one } = await show();
  expect(one(12)).toHaveTextContent(`− ${before}+ ${after}`);
  await person.click(within(one(7)).getByRole("button", { name: "Show it whole" }));
  expect(await within(one(7)).findByText(/"factor": 2/)).toHaveTextContent(`"n": ${before}`);
});

it("puts a version back after it has asked, with a note, over the one that was seen", async () => {
  const seen = record("post", "/tasks/:id/revert", () => HttpResponse.json(aTask({ version: 13 })));
  const opened = await show();
  const dialog = await revert(opened);
  expect(seen).toHaveLength(0);
  await opened.person.type(within(dialog).getByLabelText(/^Note/), "too early{Enter}");
  expect(await screen.findByText("Version 7 is put back")).toBeInTheDocument();
  expect(seen[0]?.body).toEqual({ version: 7, note: "too early" });
  expect(seen[0]?.headers.get("if-match")).toBe('"12-a"');
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
});

it("says that the task was changed meanwhile, and asks once more", async () => {
  const seen = record("post", "/tasks/:id/revert", ({ headers }) => {
    if (headers.get("if-match") === '"14-a"') return HttpResponse.json(task);
    task = aTask({ state: "paused", next_at: null, version: 14 });
    return problem(412, "version 14 is the newest");
  });
  const opened = await show();
  const dialog = await revert(opened);
  await opened.person.click(within(dialog).getByRole("button", { name: "Revert" }));
  expect(await within(dialog).findByRole("alert")).toHaveTextContent("has been changed since you were asked");
  await waitFor(() =>
    expect(opened.client.getQueryData(["task", task.id])).toMatchObject({ etag: '"14-a"' }),
  );
  await opened.person.click(within(dialog).getByRole("button", { name: "Revert all the same" }));
  expect(await screen.findByText("Version 7 is put back")).toBeInTheDocument();
  expect(seen).toHaveLength(2);
});

it("says why a version can't be put back, place by place", async () => {
  record("post", "/tasks/:id/revert", () =>
    problem(422, "no", [{ pointer: "/schedule/at", message: "is past" }]),
  );
  const opened = await show();
  const dialog = await revert(opened);
  await opened.person.click(within(dialog).getByRole("button", { name: "Revert" }));
  expect(await within(dialog).findByRole("alert")).toHaveTextContent("schedule › at: is past");
});

it("makes a deleted task anew", async () => {
  record("get", "/tasks/:id", () => problem(404, "no"));
  const seen = record("post", "/tasks/:id/revert", () => HttpResponse.json(task, { status: 201 }));
  const opened = await show();
  const dialog = await revert(opened);
  expect(dialog).toHaveTextContent("it is made anew");
  await opened.person.click(within(dialog).getByRole("button", { name: "Revert" }));
  expect(await screen.findByText("The task is made anew as version 7 was")).toBeInTheDocument();
  expect(seen[0]?.headers.get("if-match")).toBeNull();
});
