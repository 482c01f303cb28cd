import { expect, it } from "vitest";
import { cronOf, daysIn, MONTHS, type Repeat, repeatOf, STEPS } from "./repeat";

const times = ["00:00", "09:05", "23:59"];
const all: Repeat[] = [
  ...STEPS.seconds.map((every) => ({ kind: "seconds" as const, every })),
  ...STEPS.minutes.map((every) => ({ kind: "minutes" as const, every })),
  ...STEPS.hours.flatMap((every) => [0, 7, 59].map((minute) => ({ kind: "hours" as const, every, minute }))),
  ...times.map((time) => ({ kind: "daily" as const, time })),
  // Every set of days but the empty one.
  ...Array.from({ length: 127 }, (_, i) => [0, 1, 2, 3, 4, 5, 6].filter((day) => ((i + 1) >> day) & 1)).map(
    (days) => ({ kind: "weekly" as const, days, time: "09:05" }),
  ),
  ...[...Array.from({ length: 31 }, (_, i) => i + 1), "L" as const].map((day) => ({
    ...{ kind: "monthly" as const, day, time: "09:05" },
  })),
  ...MONTHS.flatMap((_, i) =>
    [1, daysIn(i + 1)].map((day) => ({ kind: "yearly" as const, month: i + 1, day, time: "00:00" })),
  ),
];

it("reads back whatever it has written", () => {
  for (const repeat of all) expect(repeatOf(cronOf(repeat))).toEqual(repeat);
});

it.each<[string, Repeat]>([
  ["*/5 * * * *", { kind: "minutes", every: 5 }],
  ["* * * * *", { kind: "minutes", every: 1 }],
  ["*/30 * * * * *", { kind: "seconds", every: 30 }],
  ["0 * * * *", { kind: "hours", every: 1, minute: 0 }],
  ["15 */6 * * *", { kind: "hours", every: 6, minute: 15 }],
  [" 00  09 * * * ", { kind: "daily", time: "09:00" }],
  ["0 9 * * 1-5", { kind: "weekly", days: [1, 2, 3, 4, 5], time: "09:00" }],
  ["0 9 * * MON-fri", { kind: "weekly", days: [1, 2, 3, 4, 5], time: "09:00" }],
  ["0 9 * * 7,3", { kind: "weekly", days: [0, 3], time: "09:00" }],
  ["0 9 * * SAT,SUN", { kind: "weekly", days: [0, 6], time: "09:00" }],
  ["0 9 * * 5-7", { kind: "weekly", days: [0, 5, 6], time: "09:00" }],
  ["0 9 * * 0-6", { kind: "weekly", days: [0, 1, 2, 3, 4, 5, 6], time: "09:00" }],
  ["0 0 1 * *", { kind: "monthly", day: 1, time: "00:00" }],
  ["0 0 L * *", { kind: "monthly", day: "L", time: "00:00" }],
  ["0 0 29 2 *", { kind: "yearly", month: 2, day: 29, time: "00:00" }],
])("understands %s", (cron, repeat) => expect(repeatOf(cron)).toEqual(repeat));

it.each([
  ...["", "*", "61 * * * *", "0 24 * * *", "0 9 0 * *", "0 9 32 * *", "0 9 30 2 *", "0 9 * 13 *"],
  // Steps that do not come out even, and from elsewhere than the begin.
  ...["*/7 * * * *", "*/1 * * * *", "*/0 * * * *", "0 */5 * * *", "5/10 * * * *", "0-30/10 * * * *"],
  ...["0,30 * * * *", "0 9,17 * * *", "0 9-17 * * *", "* 9 * * *", "*/5 9 * * *", "0 9 1,15 * *"],
  ...["0 9 * 1-3 *", "0 9 * 1 *", "0 9 1 JAN *", "0 9 1 * 1", "0 9 ? * 1", "0 9 1 * ?", "0 9 L-3 * *"],
  ...["0 9 15W * *", "0 9 * * 5L", "0 9 * * FRI#3", "0 9 * * 1/2", "0 9 * * 8", "0 9 * * 1-", "0 9 * * -1"],
  ...["0 9 * * 1-3-5", "0 9 * * 6-2", "0 9 * * ,", "0 9 * * MONDAY", "H 9 * * *", "H/15 * * * *"],
  ...["@daily", "0 0 9 * * *", "*/5 0 * * * *", "0 9 * * * * 2027", "0 9 * * * /usr/bin/x", "0x5 9 * * *"],
  ...["+5 9 * * *", "5.0 9 * * *", "099 9 * * *"],
])("leaves to the text what it does not say itself: %s", (cron) => expect(repeatOf(cron)).toBeNull());
