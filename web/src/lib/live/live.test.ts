import { QueryClient, QueryObserver } from "@tanstack/react-query";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { every, followChanges } from "./live";
import type { LiveMessage } from "./stream";

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] }));
afterEach(() => void vi.useRealTimers());

/** Pages that show two tasks, and the stream as a test wants it. */
function followed() {
  const client = new QueryClient();
  for (const id of ["a", "b"]) client.setQueryData(["task", id], id);
  let tell: (message: LiveMessage) => void = () => {};
  const end = followChanges(client, (hear) => {
    tell = hear;
    return () => {};
  });
  const isOld = (id: string) => client.getQueryState(["task", id])?.isInvalidated;
  return { end, tell: (message: LiveMessage) => tell(message), old: () => ["a", "b"].filter(isOld), client };
}

it("reads anew what has changed, and together what comes fast", async () => {
  const { tell, old, client, end } = followed();
  const tasks = (id: string) => ({ tasks: { task_ids: [id], more: false } });
  tell({ type: "changes", changes: tasks("a") });
  await vi.advanceTimersByTimeAsync(1_500);
  expect(old()).toEqual(["a"]);
  client.setQueryData(["task", "a"], "new");
  tell({ type: "changes", changes: tasks("b") });
  tell({ type: "changes", changes: tasks("a") });
  expect(old()).toEqual([]);
  await vi.advanceTimersByTimeAsync(1_500);
  expect(old()).toEqual(["a", "b"]);
  end();
});

it("reads all anew where it is not known what has changed", async () => {
  const { tell, old, end } = followed();
  tell({ type: "reset" });
  await vi.advanceTimersByTimeAsync(1_500);
  expect(old()).toEqual(["a", "b"]);
  end();
});

it("has pages ask at once when nobody tells any more", async () => {
  const { tell, old, end } = followed();
  tell({ type: "open", isOpen: true });
  await vi.advanceTimersByTimeAsync(5_000);
  expect(old()).toEqual([]);
  tell({ type: "open", isOpen: false });
  await vi.advanceTimersByTimeAsync(1_500);
  expect(old()).toEqual(["a", "b"]);
  end();
});

it("lets a slow answer come while hints go on, and asks again once it is there", async () => {
  const { tell, client, end } = followed();
  const asked: ((answer: string) => void)[] = [];
  const queryFn = () => new Promise<string>((resolve) => void asked.push(resolve));
  const seen = new QueryObserver(client, { queryKey: ["task", "a"], queryFn, staleTime: Infinity });
  const leave = seen.subscribe(() => {});
  const hint = { tasks: { task_ids: ["a"], more: false } };
  for (let i = 0; i < 4; i++) {
    tell({ type: "changes", changes: hint });
    await vi.advanceTimersByTimeAsync(1_500);
  }
  expect(asked).toHaveLength(1);
  asked[0]?.("slow");
  await vi.advanceTimersByTimeAsync(1_500);
  expect(seen.getCurrentResult().data).toBe("slow");
  expect(asked).toHaveLength(2); // what was told meanwhile may not be in the first answer
  asked[1]?.("newest");
  await vi.advanceTimersByTimeAsync(10_000);
  expect(asked).toHaveLength(2);
  leave();
  end();
});

it("lets pages ask seldom while it is told, and often again when it is not", () => {
  const { tell, end } = followed();
  expect(every(2_000)()).toBe(2_000);
  tell({ type: "open", isOpen: true });
  expect(every(2_000)()).toBe(30_000);
  expect(every(60_000)()).toBe(60_000);
  tell({ type: "open", isOpen: false });
  expect(every(2_000)()).toBe(2_000);
  tell({ type: "open", isOpen: true });
  end();
  expect(every(2_000)()).toBe(2_000);
});
