import { useZoneChoice, zoneOf } from "./zone";

/** How instants look in one zone, which is named wherever the date is whole. */
export type Instants = {
  zone: string;
  /** "Thu, 24 Dec 2026, 18:00:00 CET": everything there is to say. */
  exact: (at: string) => string;
  /** "18:00:00" */
  clockTime: (at: string) => string;
  /** "18:00:00.041" */
  clockTimeMs: (at: string) => string;
  /** "18:00" */
  minuteTime: (at: string) => string;
  /** "Thursday 24 December 2026" */
  dayName: (at: string) => string;
  /** "Thu 24 Dec 2026" */
  dayShort: (at: string) => string;
  /** "Thu 24 Dec" */
  shortDay: (at: string) => string;
  /** The same for two instants of one day. */
  dayOf: (at: string) => string;
  /** "CET" or "GMT+2", as it is at that instant. */
  zoneAt: (at: string) => string;
  /** "18:00:00" today, "Thu 24 Dec 18:00" on other days: short enough for a table. */
  compact: (at: string, now: number) => string;
};

const locale = "en-GB";
const made = new Map<string, Instants>();

/** The same object for the same zone: making formats is slow. */
export function instantsIn(zone: string): Instants {
  const known = made.get(zone);
  if (known) return known;
  const instants = make(zone);
  made.set(zone, instants);
  return instants;
}

/** By the clock that the viewer has chosen; `taskZone`: the zone of the task whose times are shown, if it has one. */
export function useInstants(taskZone?: string | null): Instants {
  return instantsIn(zoneOf(useZoneChoice(), taskZone));
}

function make(zone: string): Instants {
  const format = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(locale, { hourCycle: "h23", timeZone: zone, ...options });
  const clock = { hour: "2-digit", minute: "2-digit", second: "2-digit" } as const;
  const day = { weekday: "short", day: "numeric", month: "short" } as const;
  const whole = format({ ...day, year: "numeric", ...clock, timeZoneName: "short" });
  const shortDay = format(day);
  const dayWithYear = format({ ...day, year: "numeric" });
  const longDay = format({ weekday: "long", day: "numeric", month: "long", year: "numeric" });
  const time = format(clock);
  const timeWithMs = format({ ...clock, fractionalSecondDigits: 3 });
  const minutes = format({ hour: "2-digit", minute: "2-digit" });
  const dayKey = format({ year: "numeric", month: "2-digit", day: "2-digit" });
  const year = format({ year: "numeric" });
  const zoneName = format({ timeZoneName: "short" });
  return {
    zone,
    exact: (at) => whole.format(new Date(at)),
    clockTime: (at) => time.format(new Date(at)),
    clockTimeMs: (at) => timeWithMs.format(new Date(at)),
    minuteTime: (at) => minutes.format(new Date(at)),
    dayName: (at) => longDay.format(new Date(at)),
    dayShort: (at) => dayWithYear.format(new Date(at)).replace(",", ""),
    shortDay: (at) => shortDay.format(new Date(at)).replace(",", ""),
    dayOf: (at) => dayKey.format(new Date(at)),
    zoneAt: (at) =>
      zoneName.formatToParts(new Date(at)).find((p) => p.type === "timeZoneName")?.value ?? zone,
    compact: (at, now) => {
      const then = new Date(at);
      if (dayKey.format(then) === dayKey.format(now)) return time.format(then);
      const otherYear = year.format(then) === year.format(now) ? "" : ` ${year.format(then)}`;
      return `${shortDay.format(then)}${otherYear} ${minutes.format(then)}`;
    },
  };
}

const steps: readonly [limit: number, unit: number, name: string][] = [
  [60_000, 1_000, "s"],
  [3_600_000, 60_000, "min"],
  [86_400_000, 3_600_000, "h"],
  [Number.POSITIVE_INFINITY, 86_400_000, "d"],
];

/** "in 4 min", "12 s ago", "now": rough on purpose, exact times stand beside. */
export function relative(at: string, now: number): string {
  const distance = Date.parse(at) - now;
  const size = Math.abs(distance);
  if (size < 1_000) return "now";
  const [, unit, name] = steps.find(([limit]) => size < limit) ?? [0, 86_400_000, "d"];
  const amount = `${Math.floor(size / unit)} ${name}`;
  return distance > 0 ? `in ${amount}` : `${amount} ago`;
}

/** Whether an instant says its own offset, so that a zone beside it would be an error. */
export function saysOffset(at: string): boolean {
  return /(?:Z|[+-]\d\d:?\d\d)$/i.test(at.trim());
}
