import { QueryClient, QueryObserver } from "@tanstack/react-query";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { aChangeSet } from "@/testing/samples";
import { problem, record } from "@/testing/server";
import { changeSetQuery } from "./queries";

beforeEach(() => void vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] }));
afterEach(() => void vi.useRealTimers());

function follow() {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const leave = new QueryObserver(client, changeSetQuery("set-1")).subscribe(() => {});
  const isIdle = () => vi.waitFor(() => expect(client.isFetching()).toBe(0));
  return { leave, isIdle };
}

it("asks for a change that goes on several times in the time of one look", async () => {
  const seen = record("get", "/change-sets/:id", () =>
    Response.json(aChangeSet({ state: "running", waiting: 1 })),
  );
  const { leave, isIdle } = follow();
  await isIdle();
  await vi.advanceTimersByTimeAsync(800);
  await isIdle();
  expect(seen).toHaveLength(2);
  leave();
});

it("asks seldom for one that is not there", async () => {
  const seen = record("get", "/change-sets/:id", () => problem(404, "there is no change-set set-1"));
  const { leave, isIdle } = follow();
  await isIdle();
  await vi.advanceTimersByTimeAsync(4_000);
  await isIdle();
  expect(seen).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(1_000);
  await isIdle();
  expect(seen).toHaveLength(2);
  leave();
});
