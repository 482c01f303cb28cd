import { screen } from "@testing-library/react";
import { HttpResponse } from "msw";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { open } from "@/testing/open";
import { aRun, runId } from "@/testing/samples";
import { problem, record } from "@/testing/server";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"] });
  record("get", "/runs", () => HttpResponse.json({ items: [], next_cursor: null }));
});
afterEach(() => void vi.useRealTimers());

it("tells at once that an id is no run's, and asks for nothing", async () => {
  const asked = record("get", "/runs/:id", () => problem(422, "no"));
  open("/runs/ffff");
  expect(await screen.findByRole("heading", { name: "No run has this id" })).toBeInTheDocument();
  expect(await screen.findByRole("heading", { name: "No runs yet" })).toBeInTheDocument();
  expect(asked).toHaveLength(0);
});

it("gives up a run that does not come, and looks again on request", async () => {
  let isThere = false;
  const asked = record("get", "/runs/:id", () =>
    isThere ? HttpResponse.json(aRun(1)) : problem(404, "the run is not there"),
  );
  const { person, client } = open(`/runs/${runId(1)}`);
  expect(await screen.findByText(/Not in the log yet/)).toBeInTheDocument();
  vi.setSystemTime(Date.now() + 31_000);
  const again = await screen.findByRole("button", { name: "Look again" });
  expect(screen.getByText(/looked for over 30 seconds/)).toBeInTheDocument();
  const [observer] = client.getQueryCache().find({ queryKey: ["run", runId(1)] })?.observers ?? [];
  await observer?.refetch();
  const every = observer?.options.refetchInterval;
  expect(typeof every === "function" && every(observer?.getCurrentQuery() as never)).toBe(false);
  const before = asked.length;
  isThere = true;
  await person.click(again);
  expect(await screen.findByRole("heading", { name: "Run of Heartbeat" })).toBeInTheDocument();
  expect(asked).toHaveLength(before + 1);
});
