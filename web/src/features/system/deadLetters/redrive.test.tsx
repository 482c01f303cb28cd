import { HttpResponse } from "msw";
import { expect, it } from "vitest";
import { record } from "@/testing/server";
import { type Progress, redriveIds } from "./redrive";

it("counts the portion that is under way when it is stopped, and begins no other", async () => {
  const stop = new AbortController();
  const ids = Array.from({ length: 120 }, (_, i) => `3-${i}`);
  const seen = record("post", "/dead-letters/redrive", ({ body }) => {
    stop.abort(); // the server has it, and carries it out
    const items = (body as { ids: string[] }).ids.map((id) => ({ id, error: null, redriven: null }));
    return HttpResponse.json({ items });
  });
  const told: Progress[] = [];
  const progress = await redriveIds(ids, (one) => told.push(one), stop.signal);
  expect(progress.done).toBe(50);
  expect(told.at(-1)).toEqual(progress);
  expect(seen).toHaveLength(1);
});
