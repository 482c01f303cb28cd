import { expect, it } from "vitest";
import { Exact } from "@/lib/exactJson";
import { changedLines, linesOf } from "./shown";

it.each<[unknown, string[]]>([
  [undefined, ["as usual"]],
  ["", ["as usual"]],
  [[], ["as usual"]],
  ["Daily report", ["Daily report"]],
  ["Two\nlines", ["Two", "lines"]],
  [["finance", "daily"], ["finance, daily"]],
  [5, ["5"]],
  [
    { cron: "0 9 * * *", timezone: undefined, exclude: ["2026-12-25"] },
    ["cron: 0 9 * * *", "exclude: 2026-12-25"],
  ],
  [{ handler: "default", payload: { a: 1 } }, ["handler: default", "payload: {", '  "a": 1', "}"]],
  [{ handler: "default", payload: null }, ["handler: default", "payload: nothing"]],
  [new Exact("9007199254740993"), ["9007199254740993"]],
  [{ payload: [new Exact("1.0")] }, ["payload: [", "  1.0", "]"]],
  [{ payload: new Exact("1.0") }, ["payload: 1.0"]],
  [[{ task: "a" }], ["[", "  {", '    "task": "a"', "  }", "]"]],
])("shows %j in lines", (value, lines) => expect(linesOf(value)).toEqual(lines));

it("says which lines are new", () => {
  const before = { cron: "0 9 * * *", gap: "shift" };
  expect(changedLines({ cron: "0 10 * * *", gap: "shift" }, before)).toEqual([
    { line: "cron: 0 10 * * *", isNew: true },
    { line: "gap: shift", isNew: false },
  ]);
});
