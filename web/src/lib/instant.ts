/** How instants look to the viewer: in the browser's zone, which is always named where the date is whole. */

export const viewerZone = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";

const locale = "en-GB";
const dayAndTime = format({ weekday: "short", day: "numeric", month: "short", year: "numeric", ...clock() });
const shortDay = format({ weekday: "short", day: "numeric", month: "short" });
const dayWithYear = format({ weekday: "short", day: "numeric", month: "short", year: "numeric" });
const longDay = format({ weekday: "long", day: "numeric", month: "long", year: "numeric" });
const time = format({ hour: "2-digit", minute: "2-digit", second: "2-digit" });
const timeWithMs = format({
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  fractionalSecondDigits: 3,
});
const dayKey = format({ year: "numeric", month: "2-digit", day: "2-digit" });
const zoneName = format({ timeZoneName: "short" });

function clock(): Intl.DateTimeFormatOptions {
  return { hour: "2-digit", minute: "2-digit", second: "2-digit", timeZoneName: "short" };
}

function format(options: Intl.DateTimeFormatOptions) {
  return new Intl.DateTimeFormat(locale, { hourCycle: "h23", timeZone: viewerZone, ...options });
}

/** "Thu, 24 Dec 2026, 18:00:00 CET": everything there is to say. */
export const exact = (at: string) => dayAndTime.format(new Date(at));

/** "18:00:00" */
export const clockTime = (at: string) => time.format(new Date(at));

/** "18:00:00.041" */
export const clockTimeMs = (at: string) => timeWithMs.format(new Date(at));

/** "Thursday 24 December 2026" */
export const dayName = (at: string) => longDay.format(new Date(at));

/** "Thu 24 Dec 2026" */
export const dayShort = (at: string) => dayWithYear.format(new Date(at)).replace(",", "");

/** The same for two instants of one day of the viewer's. */
export const dayOf = (at: string) => dayKey.format(new Date(at));

/** "CET" or "GMT+2", as it is at that instant. */
export function zoneAt(at: string): string {
  return zoneName.formatToParts(new Date(at)).find((p) => p.type === "timeZoneName")?.value ?? viewerZone;
}

export const zoneNow = () => zoneAt(new Date().toISOString());

/** "18:00:00" today, "Thu, 24 Dec 18:00" on other days: short enough for a table. */
export function compact(at: string, now: number): string {
  const then = new Date(at);
  if (dayKey.format(then) === dayKey.format(now)) return time.format(then);
  const year = then.getFullYear() === new Date(now).getFullYear() ? "" : ` ${then.getFullYear()}`;
  return `${shortDay.format(then)}${year} ${time.format(then).slice(0, 5)}`;
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
