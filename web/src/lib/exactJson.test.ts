import { expect, it } from "vitest";
import { Exact, numberOf, readExact, writeExact } from "./exactJson";

it.each([
  ...["9007199254740993", "[1.0,-0,1e5,1E+2,0.1234567890123456789,5]", "123456789012345678901234567890"],
  ...['"n1"', '"t"', '"12345678901234567890"', '"\\\\"', '"a\\"b: 1.0"', '{"n1":"t","t":1.0,"":{"a":[]}}'],
  ...["null", "true", "{}", '{"1.0":1.0}', '["a",":"]', '{"__proto__":1.0}'],
])("writes what it has read as it was: %s", (text) => {
  expect(writeExact(readExact(text))).toBe(text);
});

it("is the browser's JSON for everything that a browser writes", () => {
  const value = { a: [1, -2.5, "x\n", null, true, { b: 'n"t' }], c: "", "d:": 1e21 };
  const text = JSON.stringify(value, null, 2);
  expect(readExact(text)).toEqual(value);
  expect(writeExact(value, 2)).toBe(text);
  expect(writeExact(undefined)).toBe("");
  expect(writeExact({ a: undefined })).toBe("{}");
});

it.each(["", "007", "1.", "{", "[1,]", "NaN", '"a', "5px"])(
  "reads no JSON where there is none: %s",
  (text) => {
    expect(() => readExact(text)).toThrow(SyntaxError);
  },
);

it.each<[string, number | Exact]>([
  ["5", 5],
  ["1.50", 1.5],
  ["1e3", 1_000],
  ["0.0", 0],
  ["9007199254740992", 9_007_199_254_740_992],
  ["1E+21", 1e21],
  ["9007199254740993", new Exact("9007199254740993")],
  ["-0.1234567890123456789", new Exact("-0.1234567890123456789")],
  ["1e-400", new Exact("1e-400")],
])("takes %s for a number of the browser's where that is the same", (text, number) => {
  expect(numberOf(text)).toEqual(number);
});
