import { expect, it } from "vitest";
import { prettyJson } from "./prettyJson";

it("indents JSON, and changes no digit of it", () => {
  expect(prettyJson('{"a":[1, 12345678901234567890,{}],"b":"x, {\\"y\\": 1}"}')).toBe(
    '{\n  "a": [\n    1,\n    12345678901234567890,\n    {}\n  ],\n  "b": "x, {\\"y\\": 1}"\n}',
  );
});

it("looks like what JSON itself indents", () => {
  const value = { a: null, b: [[], [true, "ü\n"]], c: { d: -1.5e3 } };
  expect(prettyJson(JSON.stringify(value))).toBe(JSON.stringify(value, null, 2));
});

it("leaves what is no JSON as it is", () => {
  expect(prettyJson("<p>{a}</p>")).toBe("<p>{a}</p>");
});
