import { expect, it } from "vitest";
import { jsonProblem, lineOf, setOut, writtenAt } from "./json";

const right = [
  ...["{}", "[]", "null", "true", "false", "0", "-1.5e+10", '""', '"a\\n\\u00e9\\"\\\\"', " [ 1 , 2 ] "],
  ...['{"a": {"b": [1, {"c": null}]}, "d": ""}', '{"": 1}', '"\x7f"', "1E5", '"😀"', '{"a":1,"a":2}'],
];

it.each(right)("takes for JSON what a browser does: %s", (text) => {
  expect(() => JSON.parse(text)).not.toThrow();
  expect(jsonProblem(text)).toBeNull();
});

it.each([
  ["{a: 1}", "line 1, column 2: a name in double quotes is expected here."],
  ['{"a": 1,}', "line 1, column 9: nothing comes after the comma: take it away."],
  ['{"a": 1\n "b": 2}', "line 2, column 2: a comma or } is expected here."],
  ['{"a" 1}', "line 1, column 6: a colon is expected after the name."],
  ["[1 2]", "line 1, column 4: a comma or ] is expected here."],
  ["[1", "line 1, column 3: the text ends, but a comma or ] is expected here."],
  ['{"a":\n  True}', "line 2, column 3: True is no value: a text stands in double quotes."],
  ["'a'", "line 1, column 1: a text stands in double quotes, not in single ones."],
  ['"a', "line 1, column 3: the text ends, but a double quote is expected at the end of a text."],
  ['"a\nb"', "line 1, column 3: a text has no line breaks or tabs in it: write \\n or \\t."],
  ["{} {}", "line 1, column 4: nothing is expected after the end of the value."],
  ["[,1]", "line 1, column 2: a value is expected here."],
  ["", "line 1, column 1: the text ends, but a value is expected here."],
])("says where it goes wrong, and why: %j", (text, words) => {
  expect(() => JSON.parse(text)).toThrow();
  expect(jsonProblem(text)).toBe(words);
});

it.each([
  "007",
  "1.2.3",
  "5px",
  "-",
  "1.",
  ".5",
  "+1",
  "tru",
  '"\\x"',
  '"\\u12"',
  "{",
  "[1,]",
  "}",
  "NaN",
  "{1:2}",
])("takes for none what a browser does not: %s", (text) => {
  expect(() => JSON.parse(text)).toThrow();
  expect(jsonProblem(text)).not.toBeNull();
});

it("finds the line of a pointer, and of what holds what is not there", () => {
  const text = '{\n  "a": [\n    1,\n    {"b/c": 2}\n  ]\n}';
  expect(lineOf(text, "/a/1/b~1c")).toBe(4);
  expect(lineOf(text, "/a/0")).toBe(3);
  expect(lineOf(text, "/a/7")).toBe(2);
  expect(lineOf(text, "/z")).toBe(1);
  expect(lineOf("", "/z")).toBeNull();
});

it.each(right)("sets it out as a browser would, where that loses nothing: %s", (text) => {
  expect(JSON.parse(setOut(text))).toEqual(JSON.parse(text));
});

it("sets out without changing what is written", () => {
  expect(setOut('{"id":12345678901234567890,"a":[],"b":[1,{"c":{}}],"t":"x, y: {z}","n":1.0}')).toBe(
    [
      ...["{", '  "id": 12345678901234567890,', '  "a": [],', '  "b": [', "    1,", "    {"],
      ...['      "c": {}', "    }", "  ],", '  "t": "x, y: {z}",', '  "n": 1.0', "}"],
    ].join("\n"),
  );
  const made = JSON.stringify({ a: [1, [2], {}], b: { c: "d" } });
  expect(setOut(made)).toBe(JSON.stringify(JSON.parse(made), null, 2));
});

it.each([
  ["/payload", '{"n": 9007199254740993}'],
  ["/payload/n", "9007199254740993"],
  ["/a~1b", '"x"'],
  ["/nothing", null],
])("cuts out what is written at a pointer: %s", (pointer, written) => {
  expect(writtenAt('{"a/b" : "x", "payload": {"n": 9007199254740993} }', pointer)).toBe(written);
});
