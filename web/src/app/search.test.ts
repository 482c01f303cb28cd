import { expect, it } from "vitest";
import { parseSearch, stringifySearch } from "./search";

it("keeps values as people write them, numbers too", () => {
  expect(parseSearch("?q=5&tag=a%20b")).toEqual({ q: "5", tag: "a b" });
  expect(stringifySearch({ q: "5", tag: "a b" })).toBe("?q=5&tag=a+b");
});

it("keeps each value of a name that is repeated, in its order", () => {
  expect(parseSearch("?tag=b&q=5&tag=a")).toEqual({ tag: ["b", "a"], q: "5" });
  expect(stringifySearch({ tag: ["b", "a"], q: "5" })).toBe("?tag=b&tag=a&q=5");
  expect(stringifySearch({ tag: [] })).toBe("");
});

it("leaves out what is not said", () => {
  expect(stringifySearch({ q: undefined, state: "" })).toBe("");
});
