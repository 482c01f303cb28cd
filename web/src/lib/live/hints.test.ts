import { expect, it } from "vitest";
import { concerns, parseChanges } from "./hints";

const changes = {
  tasks: { task_ids: ["a"], more: false },
  runs: { task_ids: ["a"], ids: ["r1"], more: false },
};

it.each([
  [["tasks", { q: "x" }], true],
  [["task", "a"], true],
  [["task", "b"], false],
  [["run", "r1"], true],
  [["run", "r2"], false],
  [["runs", {}], true],
  [["missed", {}], false],
  [["session"], false],
])("knows whether %j shows what has changed: %s", (key, expected) => {
  expect(concerns(key, changes)).toBe(expected);
});

it("takes what is not named for changed, too, where there is more", () => {
  expect(concerns(["task", "b"], { tasks: { task_ids: ["a"], more: true } })).toBe(true);
});

it("passes over what is no hint", () => {
  expect(parseChanges("not JSON")).toBeNull();
  expect(parseChanges("7")).toBeNull();
  expect(parseChanges('{"runs":{"more":true}}')).toEqual({ runs: { more: true } });
});
