import { expect, it } from "vitest";
import { counted, percent } from "./stats";

it.each([
  [1, "100 %"],
  [0, "0 %"],
  [0.999999, "99.99 %"],
  [0.9998, "99.98 %"],
  [0.5, "50 %"],
  [0.29, "29 %"], // of which a binary fraction falls short
  [0.57, "57 %"],
  [0.9957, "99.57 %"],
  [0.0000001, "0.01 %"],
])("says a share of %d as %s", (share, words) => {
  expect(percent(share)).toBe(words);
});

it("says that not all are counted", () => {
  expect(counted({ count: 10_000, is_more: true })).toBe("10,000+");
  expect(counted({ count: 45, is_more: false })).toBe("45");
});
