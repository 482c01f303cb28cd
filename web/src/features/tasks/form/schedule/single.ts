import { saysOffset } from "@/lib/instant";
import type { MemberSchedule, SingleSchedule } from "@/lib/task";
import { type DurationInput, durationInputOf, durationOf } from "../durationInput";
import { SCHEDULE_OPTIONS } from "../options";

export type SingleKind = "cron" | "every" | "calendar" | "at";

type Existing = SingleSchedule | MemberSchedule;

/** A schedule with times of its own as the form holds it: the fields of every kind side by side. */
export type Single = {
  kind: SingleKind;
  cron: string;
  gap: "shift" | "skip";
  fold: "first" | "last" | "both";
  /** Empty: the one that holds where the schedule stands. */
  timezone: string;
  every: DurationInput;
  /** What an interval is counted from, an instant. */
  anchor: string;
  at: string;
  period: Period;
  timeOfDay: string;
  /** What a calendar interval is counted from, a local date. */
  firstDay: string;
  monthEnd: "last" | "skip";
  /** What the schedule has and this form does not know: it is saved as it was, while its kind stays. */
  kept: { kind: SingleKind; schedule: object };
};

/** A number of calendar units, or what one unit can't say, as it was written. */
export type Period = { amount: string; unit: "D" | "W" | "M" | "Y" | "" };

export function blankSingle(timezone: string): Single {
  return {
    kind: "cron",
    ...{ cron: "", gap: "shift", fold: "first", timezone },
    ...{ every: { amount: "15", unit: "M" }, anchor: "", at: "" },
    ...{ period: { amount: "2", unit: "W" }, timeOfDay: "09:00", firstDay: "", monthEnd: "last" },
    kept: { kind: "cron", schedule: {} },
  };
}

/** The field of each kind without which it says nothing. */
export const MAIN: Record<SingleKind, keyof Single> = {
  ...{ cron: "cron", every: "every", calendar: "period", at: "at" },
};

export function kindOf(schedule: Existing): SingleKind {
  if ("cron" in schedule) return "cron";
  if ("every" in schedule) return "at" in schedule ? "calendar" : "every";
  return "at";
}

/** The fields with those that a schedule says; the others stay as they are. */
export function filledSingle(single: Single, schedule: Existing): Single {
  return { ...single, ...shown(schedule), kept: unknownOf(schedule) };
}

function shown(schedule: Existing): Partial<Single> {
  const found: Partial<Single> = { kind: kindOf(schedule) };
  if ("timezone" in schedule && schedule.timezone) found.timezone = schedule.timezone;
  if ("gap" in schedule && schedule.gap) found.gap = schedule.gap;
  if ("fold" in schedule && schedule.fold) found.fold = schedule.fold;
  if ("cron" in schedule) return { ...found, cron: schedule.cron };
  if (!("every" in schedule)) return { ...found, at: schedule.at };
  if (!("at" in schedule)) {
    return { ...found, every: durationInputOf(schedule.every), anchor: schedule.anchor ?? "" };
  }
  const { every, at, anchor, month_end } = schedule;
  return {
    ...found,
    ...{ period: periodOf(every), timeOfDay: at, firstDay: anchor ?? "", monthEnd: month_end ?? "last" },
  };
}

const SHOWN = ["cron", "timezone", "gap", "fold", "every", "anchor", "at", "month_end"];
const KNOWN = new Set<string>([...SHOWN, ...SCHEDULE_OPTIONS]);

function unknownOf(schedule: Existing): Single["kept"] {
  const rest = Object.entries(schedule).filter(([name, value]) => !KNOWN.has(name) && value != null);
  return { kind: kindOf(schedule), schedule: Object.fromEntries(rest) };
}

/** The schedule as it is sent, without the options of the whole; null while its main field is empty. */
export function sentSingle(single: Single): SingleSchedule | null {
  const sent = shownSchedule(single);
  if (!sent) return null;
  return single.kept.kind === single.kind ? { ...single.kept.schedule, ...sent } : sent;
}

function shownSchedule(single: Single): SingleSchedule | null {
  const timezone = single.timezone.trim() || undefined;
  const { gap, fold } = single;
  switch (single.kind) {
    case "cron": {
      const cron = single.cron.trim();
      return cron ? { cron, timezone, gap, fold } : null;
    }
    case "every": {
      const anchor = single.anchor.trim();
      if (!single.every.amount.trim()) return null;
      return { every: durationOf(single.every), ...(anchor && { anchor }) };
    }
    case "calendar": {
      const anchor = single.firstDay.trim();
      if (!single.period.amount.trim()) return null;
      const sent = { every: everyOf(single.period), at: single.timeOfDay.trim(), timezone, gap, fold };
      return { ...sent, month_end: single.monthEnd, ...(anchor && { anchor }) };
    }
    case "at": {
      const at = single.at.trim();
      if (!at) return null;
      return saysOffset(at) ? { at } : { at, timezone };
    }
  }
}

function periodOf(every: string): Period {
  const match = /^P(\d+)([DWMY])$/.exec(every);
  return match ? { amount: match[1] ?? "", unit: match[2] as Period["unit"] } : { amount: every, unit: "" };
}

function everyOf({ amount, unit }: Period): string {
  return unit ? `P${amount.trim()}${unit}` : amount.trim();
}
