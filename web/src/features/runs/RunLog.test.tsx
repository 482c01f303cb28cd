import { screen, waitFor, within } from "@testing-library/react";
import { HttpResponse } from "msw";
import { expect, it } from "vitest";
import { open } from "@/testing/open";
import { aRun, runId } from "@/testing/samples";
import { problem, record } from "@/testing/server";

const times = () =>
  screen.getAllByRole("link", { name: /^\d\d:\d\d:\d\d$/ }).map((l) => l.textContent?.slice(-2));
const newest = (...seconds: number[]) =>
  HttpResponse.json({ items: seconds.map((s) => aRun(s)), next_cursor: null });

it("follows: new runs come in on top, in order", async () => {
  let polls = 0;
  record("get", "/runs", () => (++polls === 1 ? newest(12, 10) : newest(16, 14, 12, 10)));
  open("/runs");
  await waitFor(() => expect(times()).toEqual(["12", "10"]));
  await waitFor(() => expect(times()).toEqual(["16", "14", "12", "10"]), { timeout: 5_000 });
});

it("does not follow when it is switched off, but says how many are new", async () => {
  let polls = 0;
  record("get", "/runs", () => (++polls === 1 ? newest(12, 10) : newest(16, 14, 12, 10)));
  const { person } = open("/runs");
  await waitFor(() => expect(times()).toEqual(["12", "10"]));
  await person.click(screen.getByRole("switch", { name: "Follow" }));
  const button = await screen.findByRole("button", { name: "2 new runs" }, { timeout: 5_000 });
  expect(times()).toEqual(["12", "10"]);
  await person.click(button);
  expect(times()).toEqual(["16", "14", "12", "10"]);
});

it("loads older runs behind the last one", async () => {
  const seen = record("get", "/runs", ({ search }) =>
    search.cursor
      ? HttpResponse.json({ items: [aRun(3), aRun(2)], next_cursor: null })
      : HttpResponse.json({ items: [aRun(5), aRun(4)], next_cursor: "behind-4" }),
  );
  const { person } = open("/runs?state=failed");
  await person.click(await screen.findByRole("button", { name: "Load older runs" }));
  await waitFor(() => expect(times()).toEqual(["05", "04", "03", "02"]));
  expect(seen.find((s) => s.search.cursor)?.search).toMatchObject({ cursor: "behind-4", state: "failed" });
  expect(screen.queryByRole("button", { name: "Load older runs" })).toBeNull();
});

it("shows a run with its stages, payload, result and lateness, and Escape leads back", async () => {
  record("get", "/runs", () => newest(12, 10));
  record("get", "/runs/:id", ({ path }) => HttpResponse.json(aRun(path.endsWith("12") ? 12 : 10)));
  const { person, address } = open("/runs?task_id=heartbeat");
  await person.click((await screen.findAllByRole("link", { name: /^\d\d:\d\d:12$/ }))[0] as HTMLElement);
  const run = await screen.findByRole("region", { name: "Run of Heartbeat" });
  expect(address()).toBe(`/runs/${runId(12)}?task_id=heartbeat`);
  expect(run).toHaveTextContent("41 ms late");
  expect(within(run).getByRole("row", { name: /Logged.*\+12 ms/ })).toBeInTheDocument();
  expect(within(run).getByRole("region", { name: "Payload" })).toHaveTextContent('"hello"');
  expect(within(run).getByRole("region", { name: "Result" })).toHaveTextContent('"done"');
  await person.keyboard("{Escape}");
  await waitFor(() => expect(address()).toBe("/runs?task_id=heartbeat"));
  expect(screen.getByRole("link", { name: /^\d\d:\d\d:12$/ })).toHaveFocus();
});

it("waits for a run that is not in the log yet", async () => {
  let asked = 0;
  record("get", "/runs", () => newest());
  record("get", "/runs/:id", () =>
    ++asked < 3 ? problem(404, "the run is not there") : HttpResponse.json(aRun(1)),
  );
  open(`/runs/${runId(1)}`);
  expect(await screen.findByText(/Not in the log yet/)).toBeInTheDocument();
  expect(await screen.findByText("Run of Heartbeat", {}, { timeout: 5_000 })).toBeInTheDocument();
});

it("distinguishes an empty log from one that the filters empty", async () => {
  record("get", "/runs", () => newest());
  const { person, address } = open("/runs?state=failed");
  await person.click(await screen.findByRole("button", { name: "Clear filters" }));
  expect(await screen.findByRole("heading", { name: "No runs yet" })).toBeInTheDocument();
  expect(address()).toBe("/runs");
});

it("shows what became of a run that newer ones have put behind the newest page", async () => {
  let polls = 0;
  record("get", "/runs", () =>
    ++polls === 1
      ? HttpResponse.json({ items: [aRun(12), aRun(10, { state: "running" })], next_cursor: "behind-10" })
      : HttpResponse.json({ items: [aRun(16), aRun(14), aRun(12)], next_cursor: "behind-12" }),
  );
  const seen = record("get", "/runs/:id", () => HttpResponse.json(aRun(10)));
  open("/runs");
  expect(await screen.findByText("Running", { selector: "span" })).toBeInTheDocument();
  await waitFor(() => expect(times()).toEqual(["16", "14", "12", "10"]), { timeout: 5_000 });
  await waitFor(() => expect(screen.queryByText("Running", { selector: "span" })).toBeNull());
  expect(times()).toEqual(["16", "14", "12", "10"]);
  expect(seen.map(({ path }) => path)).toEqual([`/api/v1/runs/${runId(10)}`]);
});
