import { expect, it } from "vitest";
import { oneOf, readAddress, text } from "./address";

type Filters = { q?: string; state?: string; tag?: string[] };
const parameters = { q: text, state: oneOf(["active", "paused"]), tag: { ...text, isRepeated: true } };
const read = (search: Record<string, unknown>) => readAddress<Filters>(search, parameters);

it("takes what makes sense, each value of what may be repeated", () => {
  const search = { q: "report", state: "paused", tag: ["a", "b"] };
  expect(read(search)).toEqual({ filters: search, unknown: [] });
  expect(read({ tag: "a", q: "" })).toEqual({ filters: { tag: ["a"] }, unknown: [] });
});

it("says what it does not understand: names, values, and a second value where there can be one only", () => {
  const { filters, unknown } = read({ q: ["one", "two"], state: "asleep", colour: "red", constructor: "x" });
  expect(filters).toEqual({ q: "one" });
  expect(unknown).toEqual([
    { name: "q", value: "two" },
    { name: "state", value: "asleep" },
    { name: "colour", value: "red" },
    { name: "constructor", value: "x" },
  ]);
});
