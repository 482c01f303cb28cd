import { expect, it } from "vitest";
import { Exact } from "@/lib/exactJson";
import { conditionOf, withWord, writtenValue } from "./conditions";

it.each([
  { contains: "done" },
  { contains: '{"a": 1}' },
  { pointer: "/state", equals: "ok" },
  { pointer: "/state", equals: "7" },
  { pointer: "/state", equals: 7 },
  { pointer: "/state", equals: new Exact("9007199254740993") },
  { pointer: "/state", equals: null },
  { pointer: "/state", equals: { deep: [1] } },
  { pointer: "", one_of: ["a", 2] },
  { pointer: "/error", exists: false },
  { pointer: "/text", matches: "^\\d+$" },
])("writes a condition and reads it back as it was: %j", (condition) => {
  const { pointer, word, value } = conditionOf(condition);
  expect(withWord(pointer, word, writtenValue(word, value))).toEqual(condition);
});
