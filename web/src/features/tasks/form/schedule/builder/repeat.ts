/** PURE. What the builder can say of a cron expression, and how it is written. */

/** A time of day, "09:05". */
type Time = { time: string };

export type Repeat =
  | { kind: "seconds"; every: number }
  | { kind: "minutes"; every: number }
  | { kind: "hours"; every: number; minute: number }
  | ({ kind: "daily" } & Time)
  /** 0: Sunday, to 6: Saturday; ascending, one at least. */
  | ({ kind: "weekly"; days: number[] } & Time)
  /** A day of the month, or its last one. */
  | ({ kind: "monthly"; day: number | "L" } & Time)
  | ({ kind: "yearly"; month: number; day: number } & Time);

export type RepeatKind = Repeat["kind"];

/** Steps that come out even: of others, the last one before the hour or the day ends would be shorter. */
export const STEPS = {
  seconds: [1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30],
  minutes: [1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30],
  hours: [1, 2, 3, 4, 6, 8, 12],
} as const;

export const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"] as const;
export const MONTHS = [
  ...(["January", "February", "March", "April", "May", "June", "July"] as const),
  ...(["August", "September", "October", "November", "December"] as const),
];
const LONGEST = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** The longest that a month can be; it is counted from 1. */
export function daysIn(month: number): number {
  return LONGEST[month - 1] ?? 31;
}

export function cronOf(repeat: Repeat): string {
  switch (repeat.kind) {
    case "seconds":
      return `${step(repeat.every)} * * * * *`;
    case "minutes":
      return `${step(repeat.every)} * * * *`;
    case "hours":
      return `${repeat.minute} ${step(repeat.every)} * * *`;
    case "daily":
      return `${clock(repeat.time)} * * *`;
    case "weekly":
      return `${clock(repeat.time)} * * ${weekdays(repeat.days)}`;
    case "monthly":
      return `${clock(repeat.time)} ${repeat.day} * *`;
    case "yearly":
      return `${clock(repeat.time)} ${repeat.day} ${repeat.month} *`;
  }
}

/** What the builder says of an expression; null for all that it does not understand to the last sign. */
export function repeatOf(cron: string): Repeat | null {
  const fields = cron.trim().split(/\s+/);
  if (fields.length === 6) {
    const [second = "", ...rest] = fields;
    const every = stepIn(second, STEPS.seconds);
    return every && rest.every((field) => field === "*") ? { kind: "seconds", every } : null;
  }
  if (fields.length !== 5) return null;
  const [minute = "", hour = "", day = "", month = "", weekday = ""] = fields;
  if (day === "*" && month === "*" && weekday === "*") return withinDay(minute, hour);
  const time = timeIn(minute, hour);
  if (!time) return null;
  if (day === "*" && month === "*") {
    const days = daysOf(weekday);
    return days && { kind: "weekly", days, time };
  }
  if (weekday !== "*") return null;
  if (month === "*" && day === "L") return { kind: "monthly", day: "L", time };
  const inMonth = numberIn(day, 1, 31);
  if (inMonth === null) return null;
  if (month === "*") return { kind: "monthly", day: inMonth, time };
  const inYear = numberIn(month, 1, 12);
  if (inYear === null || inMonth > daysIn(inYear)) return null;
  return { kind: "yearly", month: inYear, day: inMonth, time };
}

function withinDay(minute: string, hour: string): Repeat | null {
  const minutes = stepIn(minute, STEPS.minutes);
  if (minutes && hour === "*") return { kind: "minutes", every: minutes };
  const at = numberIn(minute, 0, 59);
  if (at === null) return null;
  const hours = stepIn(hour, STEPS.hours);
  if (hours) return { kind: "hours", every: hours, minute: at };
  const time = timeIn(minute, hour);
  return time === null ? null : { kind: "daily", time };
}

function step(every: number): string {
  return every === 1 ? "*" : `*/${every}`;
}

function stepIn(field: string, known: readonly number[]): number | null {
  if (field === "*") return 1;
  const every = numberIn(/^\*\/(\d+)$/.exec(field)?.[1] ?? "", 2, 59);
  return every !== null && known.includes(every) ? every : null;
}

/** Minute and hour, as an expression has them. */
function clock(time: string): string {
  const [hour, minute] = time.split(":").map(Number);
  return `${minute} ${hour}`;
}

function timeIn(minute: string, hour: string): string | null {
  const [h, m] = [numberIn(hour, 0, 23), numberIn(minute, 0, 59)];
  if (h === null || m === null) return null;
  return [h, m].map((part) => String(part).padStart(2, "0")).join(":");
}

function numberIn(field: string, least: number, most: number): number | null {
  if (!/^\d{1,2}$/.test(field)) return null;
  const found = Number(field);
  return found >= least && found <= most ? found : null;
}

function weekdays(days: readonly number[]): string {
  return days.join() === "1,2,3,4,5" ? "1-5" : days.join();
}

/** Days and ranges of days, by number or name. */
function daysOf(field: string): number[] | null {
  const found = new Set<number>();
  for (const part of field.split(",")) {
    const [first, last] = part.split("-").map(dayOf);
    if (first === undefined || first === null || last === null || part.split("-").length > 2) return null;
    const end = last ?? first;
    // A range to Sunday, which is 7 then, is one; others that go over the end of the week are left to the text.
    if (end < first && end !== 0) return null;
    for (let day = first; day <= (end === 0 && first > 0 ? 7 : end); day++) found.add(day % 7);
  }
  return [...found].sort();
}

function dayOf(word: string): number | null {
  const index = DAYS.findIndex((name) => name.toUpperCase() === word.toUpperCase());
  const found = index >= 0 ? index : numberIn(word, 0, 7);
  return found === 7 ? 0 : found;
}
