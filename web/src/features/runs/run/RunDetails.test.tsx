import { screen, within } from "@testing-library/react";
import { HttpResponse } from "msw";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { Run } from "@/lib/run";
import { chooseZone } from "@/lib/zone";
import { open } from "@/testing/open";
import { aRun, aTask, runId } from "@/testing/samples";
import { record } from "@/testing/server";

let run = aRun(1);

beforeEach(() => {
  record("get", "/runs", () => HttpResponse.json({ items: [], next_cursor: null }));
  record("get", "/runs/:id", () => HttpResponse.json(run));
});
afterEach(() => chooseZone("mine"));

async function show(part: Partial<Run>) {
  run = aRun(1, part);
  const opened = open(`/runs/${runId(1)}`);
  return { ...opened, panel: await screen.findByRole("region", { name: "Run of Heartbeat" }) };
}

const call = {
  handler: "http",
  payload: { url: "https://a.example/", headers: { "X-Key": "secret://key" }, body: { n: 1 } },
};

it("shows the request and the response of a call, and copies it as curl without a secret", async () => {
  const result = {
    ...{ url: "https://a.example/", status: 500, body: '{"id":12345678901234567890}', truncated: true },
    ...{ headers: { "set-cookie": "[redacted]", "content-type": "application/json" } },
    ...{ redirects: 1, elapsed_ms: 120 },
  };
  const { person, panel } = await show({ ...call, state: "failed", result });
  expect(panel).toHaveTextContent("POST https://a.example/");
  expect(panel).toHaveTextContent(/500 *in 120 ms *after 1 redirect/);
  expect(within(panel).getByRole("region", { name: "Response headers" })).toHaveTextContent(
    /set-cookie:? *\[redacted\]/,
  );
  expect(within(panel).getByRole("region", { name: "Response body" }).textContent).toBe(
    '{\n  "id": 12345678901234567890\n}',
  );
  expect(panel).toHaveTextContent("only the first 64 KiB are kept");
  expect(panel).toHaveTextContent("References to secrets and templates stay as they are in it.");
  await person.click(within(panel).getByRole("button", { name: "Copy as curl" }));
  expect(await navigator.clipboard.readText()).toContain("--header 'X-Key: secret://key'");
  await person.click(within(panel).getByRole("button", { name: "Copy run id" }));
  expect(await navigator.clipboard.readText()).toBe(runId(1));
});

it("shows and copies every digit of its payload and its result", async () => {
  const digits = "12345678901234567890";
  const body = { account: "HERE" };
  const json = JSON.stringify(aRun(1, { ...call, payload: { ...call.payload, body }, result: "HERE" }));
  record(
    "get",
    "/runs/:id",
    () =>
      new HttpResponse(json.replaceAll('"HERE"', digits), {
        headers: { "content-type": "application/json" },
      }),
  );
  const { person } = open(`/runs/${runId(1)}`);
  const shown = (name: string) => screen.findByRole("region", { name });
  expect(await shown("Result")).toHaveTextContent(digits);
  expect(await shown("Request body")).toHaveTextContent(`"account": ${digits}`);
  expect(await shown("Payload")).toHaveTextContent(`"account": ${digits}`);
  await person.click(screen.getByRole("button", { name: "Copy as curl" }));
  expect(await navigator.clipboard.readText()).toContain(`--data-raw '{"account":${digits}}'`);
});

it("shows what was reported to a callback as any other result", async () => {
  const { panel } = await show({ ...call, result: { rows: 7 } });
  expect(within(panel).getByRole("region", { name: "Result" })).toHaveTextContent('"rows": 7');
});

it("leads to its task, to its occurrence, and to the runs around it", async () => {
  const { panel } = await show({});
  const href = (name: string) =>
    decodeURIComponent(within(panel).getByRole("link", { name }).getAttribute("href") ?? "");
  expect(href("Open the task")).toBe("/tasks/heartbeat");
  expect(href("Its occurrence")).toBe(
    "/tasks/heartbeat?tab=occurrences&order=asc&at=2026-11-25T09:00:01.000Z",
  );
  expect(href("Open in the log")).toBe(
    `/runs/${runId(1)}?task_id=heartbeat&from=2026-11-25T08:00:01.000Z&to=2026-11-25T10:00:01.000Z`,
  );
});

it("shows its times by the clock of its task where that is chosen", async () => {
  record("get", "/tasks/:id", () =>
    HttpResponse.json(aTask({ schedule: { cron: "0 9 * * *", timezone: "Asia/Tokyo" } as never })),
  );
  chooseZone("task");
  const { panel } = await show({});
  expect(await within(panel).findByText("in Asia/Tokyo")).toBeInTheDocument();
  expect(panel).toHaveTextContent("18:00:01.041");
});
