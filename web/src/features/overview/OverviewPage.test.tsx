import { screen, within } from "@testing-library/react";
import { HttpResponse } from "msw";
import { beforeEach, expect, it } from "vitest";
import { open } from "@/testing/open";
import { aRun, aTask, runId } from "@/testing/samples";
import { problem, record } from "@/testing/server";

const system = {
  state: "red",
  findings: [{ level: "red", text: "Partition 3 has no owner." }],
  partitions: [],
};
const counts = (failing: number) => ({
  ...{ active: { count: 10_000, is_more: true }, paused: { count: 1, is_more: false } },
  ...{ failing: { count: failing, is_more: false }, late: { count: 0, is_more: false } },
  paused_by_failures: { count: 0, is_more: false },
});
const none = { items: [], next_cursor: null };
const nothingDue = {
  ...{ from: "2026-01-01T11:00:00Z", to: "2026-01-01T12:00:00Z", bucket: "PT1M", runs: 0, tasks: 0 },
  ...{ buckets: [], busiest: [], complete: true },
};

beforeEach(() => {
  record("get", "/system", () => HttpResponse.json(system));
  record("get", "/stats/tasks", () => HttpResponse.json(counts(0)));
  record("get", "/tasks", () => HttpResponse.json(none));
  record("get", "/missed", () => HttpResponse.json(none));
  record("get", "/forecast", () => HttpResponse.json(nothingDue));
});

const card = (name: string) => screen.findByRole("region", { name });

it("names what fails, why, and leads to the run and to all that fail", async () => {
  const failing = aTask({ failures: 7, last_outcome: "failed" });
  const run = aRun(7, { state: "failed", error: { kind: "exit", message: "no such host" } } as never);
  record("get", "/stats/tasks", () => HttpResponse.json(counts(1)));
  record("get", "/tasks", ({ search }) =>
    HttpResponse.json(search.min_failures ? { items: [failing], next_cursor: null } : none),
  );
  record("get", "/recent-runs", () => HttpResponse.json({ tasks: { [failing.id]: [run] } }));
  open("/");
  const found = await screen.findByRole("list", { name: "Failing tasks" });
  expect(found).toHaveTextContent("7 in a row");
  expect(await within(found).findByText("no such host")).toBeInTheDocument();
  const [toTask, toRun] = within(found).getAllByRole("link");
  expect(toTask).toHaveAttribute("href", `/tasks/${failing.id}`);
  expect(toRun).toHaveAttribute("href", `/runs/${runId(7)}`);
  expect(screen.getByRole("link", { name: "All failing tasks" })).toHaveAttribute(
    "href",
    "/tasks?min_failures=1&sort=-failures",
  );
});

it("says that nothing fails, is late or was missed, and what the system suffers from", async () => {
  open("/");
  expect(await within(await card("Failing")).findByText(/^No task has failed/)).toBeInTheDocument();
  expect(await within(await card("Late")).findByText("Nothing is late.")).toBeInTheDocument();
  expect(await within(await card("The next hour")).findByText(/^Nothing is due/)).toBeInTheDocument();
  const figures = screen.getByRole("list", { name: "Figures" });
  expect(await within(figures).findByRole("link", { name: "In trouble" })).toHaveAttribute("href", "/system");
  expect(figures).toHaveTextContent("Partition 3 has no owner.");
  expect(figures).toHaveTextContent("10,000+ active, 1 paused");
});

it("shows the rest where one part can't be had, with its reason and a way to try again", async () => {
  let isBroken = true;
  record("get", "/missed", () => (isBroken ? problem(400, "the log is away") : HttpResponse.json(none)));
  const { person } = open("/");
  const missed = await card("Missed");
  expect(await within(missed).findByText(/The log is away/)).toBeInTheDocument();
  expect(await within(await card("Late")).findByText("Nothing is late.")).toBeInTheDocument();
  isBroken = false;
  await person.click(within(missed).getByRole("button", { name: "Try again" }));
  expect(await within(missed).findByText(/^Nothing/)).toBeInTheDocument();
});

it("counts one run of one task as one", async () => {
  const bucket = { at: new Date().toISOString(), runs: 1, top: [] };
  record("get", "/forecast", () =>
    HttpResponse.json({ ...nothingDue, runs: 1, tasks: 1, buckets: [bucket] }),
  );
  open("/");
  expect(
    await within(await card("The next hour")).findByText("1 run of 1 task, by minute"),
  ).toBeInTheDocument();
});
