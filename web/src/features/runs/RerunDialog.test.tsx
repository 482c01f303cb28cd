import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { beforeEach, expect, it } from "vitest";
import { open } from "@/testing/open";
import { aRun, runId } from "@/testing/samples";
import { problem, record, server } from "@/testing/server";

const run = aRun(1, { state: "failed" });

beforeEach(() => {
  record("get", "/runs", () => HttpResponse.json({ items: [run], next_cursor: null }));
  record("get", "/runs/:id", () => HttpResponse.json(run));
});

async function again() {
  const opened = open(`/runs/${runId(1)}`);
  await opened.person.click(await screen.findByRole("button", { name: "Run again…" }));
  const dialog = await screen.findByRole("dialog", { name: "Run Heartbeat again?" });
  return { ...opened, dialog, payload: within(dialog).getByRole("textbox", { name: "Payload" }) };
}

const panel = () => screen.queryByRole("region", { name: "Run of Heartbeat", hidden: true });
const question = () => screen.findByRole("dialog", { name: "Discard what you typed?" });

it("closes by Escape, and leaves the run beneath it open", async () => {
  const { person, address } = await again();
  await person.keyboard("{Escape}");
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  expect(panel()).toBeInTheDocument();
  await person.keyboard("{Escape}");
  await waitFor(() => expect(address()).toBe("/runs"));
});

it("asks before what is typed is lost; Escape then means the question alone", async () => {
  const { person, payload, address } = await again();
  fireEvent.change(payload, { target: { value: "[1]" } });
  await person.keyboard("{Escape}");
  await question();
  await person.keyboard("{Escape}");
  await waitFor(() => expect(screen.queryByText("Discard what you typed?")).toBeNull());
  expect(payload).toHaveValue("[1]");
  await person.keyboard("{Escape}");
  await person.click(within(await question()).getByRole("button", { name: "Discard" }));
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  expect(address()).toBe(`/runs/${runId(1)}`);
  expect(panel()).toBeInTheDocument();
});

it("begins nothing twice when an answer was lost, and something else under another key", async () => {
  let isLost = true;
  const seen = record("post", "/runs/:id/rerun", () =>
    isLost ? HttpResponse.error() : problem(422, "no", [{ pointer: "/payload", message: "is too short" }]),
  );
  const { person, dialog, payload } = await again();
  fireEvent.change(payload, { target: { value: "[1]" } });
  const send = () => person.click(within(dialog).getByRole("button", { name: "Run again" }));
  await send();
  expect(await within(dialog).findByText(/to try again from here is safe/)).toBeInTheDocument();
  isLost = false;
  await send();
  expect(await within(dialog).findByText("No")).toBeInTheDocument();
  await send();
  await waitFor(() => expect(seen).toHaveLength(3));
  const [lost, repeated, anew] = seen.map(({ headers }) => headers.get("idempotency-key"));
  expect(lost).toBeTruthy();
  expect(repeated).toBe(lost);
  expect(anew).not.toBe(lost);
});

it("shows the payload with every digit, and sends what is made of it so", async () => {
  const account = "9007199254740993"; // no browser holds it
  const text = JSON.stringify({ ...run, payload: "HERE" }).replace('"HERE"', `{"account":${account},"n":1}`);
  const sent: string[] = [];
  server.use(
    http.get(
      "*/api/v1/runs/:id",
      () => new HttpResponse(text, { headers: { "content-type": "application/json" } }),
    ),
    http.post("*/api/v1/runs/:id/rerun", async ({ request }) => {
      sent.push(await request.text());
      return HttpResponse.json({ event_id: "e", task_id: run.task_id, run_id: runId(9) });
    }),
  );
  const { person, dialog, payload } = await again();
  expect(payload).toHaveValue(`{\n  "account": ${account},\n  "n": 1\n}`);
  fireEvent.change(payload, { target: { value: `{"account":${account},"n":2}` } });
  await person.click(within(dialog).getByRole("button", { name: "Run again" }));
  await waitFor(() => expect(sent).toEqual([`{"payload":{"account":${account},"n":2}}`]));
});
