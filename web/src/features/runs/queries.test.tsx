import { expect, it } from "vitest";
import { concerns } from "@/lib/live/hints";
import { startedQuery } from "./queries";

it("reads anew what a run has started when the stream tells of other runs", () => {
  const hint = { runs: { ids: ["another"], task_ids: ["archive"], more: false } };
  expect(concerns(startedQuery("run-1").queryKey, hint)).toBe(true);
});
