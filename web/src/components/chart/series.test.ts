import { expect, it } from "vitest";
import { stacked } from "./series";

it("stacks values, the highest first", () => {
  const found = stacked([
    { label: "a", tone: "ok", values: [1, 2, null] },
    { label: "b", tone: "bad", values: [10, null, 30] },
  ]);
  expect(found.map(({ label, values }) => [label, values])).toEqual([
    ["b", [11, 2, 30]],
    ["a", [1, 2, 0]],
  ]);
});
