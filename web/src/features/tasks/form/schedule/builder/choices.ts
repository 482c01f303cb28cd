import type { Repeat, RepeatKind } from "./repeat";

export const kinds: { value: RepeatKind; label: string }[] = [
  { value: "seconds", label: "every so many seconds" },
  { value: "minutes", label: "every so many minutes" },
  { value: "hours", label: "every so many hours" },
  { value: "daily", label: "every day" },
  { value: "weekly", label: "on days of the week" },
  { value: "monthly", label: "every month" },
  { value: "yearly", label: "every year" },
];

/** What a kind begins with, at the time of day that there was before. */
export function first(kind: RepeatKind, before: Repeat | null): Repeat {
  const time = before && "time" in before ? before.time : "09:00";
  switch (kind) {
    case "seconds":
      return { kind, every: 30 };
    case "minutes":
      return { kind, every: 5 };
    case "hours":
      return { kind, every: 1, minute: 0 };
    case "daily":
      return { kind, time };
    case "weekly":
      return { kind, days: [1, 2, 3, 4, 5], time };
    case "monthly":
      return { kind, day: 1, time };
    case "yearly":
      return { kind, month: 1, day: 1, time };
  }
}
