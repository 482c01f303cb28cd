import { expect, it } from "vitest";
import { aTask } from "@/testing/samples";
import { type Draft, draftOf } from "../draft";
import { withKind } from "../schedule/schedule";
import { isChanged } from "./unsaved";

// biome-ignore lint/suspicious/noThenProperty: the contract's name, in JSON that nobody awaits.
const task = aTask({ then: [{ task: "archive" }] });
const opened = draftOf(task, "UTC");

it.each<[string, Draft]>([
  ["the same task read again, with other keys in its lists", draftOf(task, "UTC")],
  ["another view of the payload", { ...opened, payloadView: "json" }],
  ["the payload set out otherwise", { ...opened, payload: ' {"a":1}' }],
  [
    "back to the kind that it had",
    { ...opened, schedule: withKind(withKind(opened.schedule, "at"), "cron") },
  ],
])("takes for no change: %s", (_, draft) => {
  expect(isChanged(draft, opened)).toBe(false);
});

const large = { ...opened, payload: '{"a": 9007199254740993}' };

it.each<[string, Draft, Draft?]>([
  ["a letter", { ...opened, name: "Daily reports" }],
  ["a digit of a number that no browser holds", { ...large, payload: '{"a": 9007199254740992}' }, large],
  ["a payload that is no JSON", { ...opened, payload: '{"a": 1' }],
  ["a tag", { ...opened, tags: [] }],
  ["a start taken away", { ...opened, successors: [] }],
  ["another kind of schedule", { ...opened, schedule: withKind(opened.schedule, "manual") }],
])("takes for a change: %s", (_, draft, before = opened) => {
  expect(isChanged(draft, before)).toBe(true);
});
