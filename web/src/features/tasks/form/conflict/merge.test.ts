import { expect, it } from "vitest";
import { Exact } from "@/lib/exactJson";
import type { Task } from "@/lib/task";
import { aTask } from "@/testing/samples";
import { type Draft, draftOf, inputOf } from "../draft";
import { scheduleOf } from "../schedule/schedule";
import { changes, type PartName, withParts } from "./merge";

const base = draftOf(aTask(), "UTC");
const theirs = (part: Partial<Task>) => draftOf(aTask({ version: 13, ...part }), "UTC");
const found = (other: Draft, mine: Draft) =>
  Object.fromEntries(changes(base, other, mine).map(({ part, by }) => [part, by]));
const sent = (draft: Draft) => inputOf(draft, scheduleOf(draft) ?? { manual: true });

// Each part, as the other side may have changed it.
const elsewhere: [PartName, Partial<Task>][] = [
  ["name", { name: "Theirs" }],
  ["description", { description: "Theirs" }],
  ["tags", { tags: ["finance", "theirs"] }],
  ["schedule", { schedule: { every: "PT1H", anchor: "2026-01-01T00:00:00Z", spread: "PT5M" } }],
  ["schedule", { schedule: { cron: "0 9 * * 1-5", timezone: "Asia/Tokyo", gap: "shift", fold: "first" } }],
  ["work", { handler: "curl", payload: "https://example.com/" }],
  ["work", { payload: { a: 2 } }],
  // biome-ignore lint/suspicious/noThenProperty: the contract's name, in JSON that nobody awaits.
  ["successors", { then: [{ task: "archive", on: "any" }] }],
  ["misfire", { misfire: { policy: "none", grace: "PT1M", max: 100 } }],
  ["overlap", { overlap: "skip" }],
  ["timeout", { timeout: "PT2M" }],
  ["retry", { retry: { ...aTask().retry, max_attempts: 5 } }],
  ["failures", { max_consecutive_failures: 3 }],
  ["notify", { notify: [{ on: ["failed"], kafka: { topic: "alerts" } }] }],
];

it.each(elsewhere)("takes over what only they changed, and keeps mine: %s", (part, change) => {
  const other = theirs(change);
  const mine = { ...base, ...(part === "name" ? { description: "Mine" } : { name: "Mine" }) };
  expect(found(other, mine)).toEqual({
    [part]: "theirs",
    [part === "name" ? "description" : "name"]: "mine",
  });
  const merged = sent(withParts(mine, other, [part]));
  const own = part === "name" ? { description: "Mine" } : { name: "Mine" };
  expect(merged).toEqual({ ...sent(other), ...own });
});

it.each(elsewhere)("is no conflict when both made the same change: %s", (part, change) => {
  expect(found(theirs(change), draftOf(aTask(change), "UTC"))).toEqual({ [part]: "same" });
});

it("asks for what both changed otherwise, with the three values as they are sent", () => {
  const mine = { ...base, name: "Mine", payload: '{"a": 3}' };
  expect(changes(base, theirs({ name: "Theirs", payload: { a: 2 } }), mine)).toEqual([
    { part: "name", by: "both", base: "Daily report", theirs: "Theirs", mine: "Mine" },
    {
      ...{ part: "work", by: "both" },
      base: { handler: "default", payload: { a: 1 } },
      theirs: { handler: "default", payload: { a: 2 } },
      mine: { handler: "default", payload: { a: 3 } },
    },
  ]);
});

it("takes a handler and its payload as one: half of each would be nobody's", () => {
  const mine = { ...base, payload: '{"a": 3}' };
  expect(found(theirs({ handler: "http", payload: { url: "https://example.com/" } }), mine)).toEqual({
    work: "both",
  });
});

it("tells numbers apart that are one for a browser, and shows each digit by digit", () => {
  // The nearest number that a browser holds ends in 2, for all three.
  const [before, other, mine] = ["9007199254740991.7", "9007199254740992", "9007199254740993"].map(
    (account) => ({ ...base, payload: `{"account": ${account}}` }),
  ) as [Draft, Draft, Draft];
  expect(changes(before, other, mine)).toEqual([
    {
      ...{ part: "work", by: "both" },
      base: { handler: "default", payload: { account: new Exact("9007199254740991.7") } },
      theirs: { handler: "default", payload: { account: 9_007_199_254_740_992 } },
      mine: { handler: "default", payload: { account: new Exact("9007199254740993") } },
    },
  ]);
  expect(found(mine, mine)).toEqual({ work: "same" });
});

it("sees no change in a task that only ran, nor in the order of names", () => {
  expect(found(theirs({ payload: { a: 1 }, paused: true, failures: 2 }), base)).toEqual({});
  const two = draftOf(aTask({ payload: { a: 1, b: { c: 2, d: 3 } } }), "UTC");
  const turned = draftOf(aTask({ payload: { b: { d: 3, c: 2 }, a: 1 } }), "UTC");
  expect(changes(two, turned, two)).toEqual([]);
});
