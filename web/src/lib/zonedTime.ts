/** What a field for a local time means by the clock of any zone. */

const DAY = 86_400_000;
/** Between these, and a day beyond them, every year has up to four digits. */
const [FIRST, LAST] = [Date.parse("0001-01-03T00:00:00Z"), Date.parse("9999-12-29T00:00:00Z")];

const formats = new Map<string, Intl.DateTimeFormat>();

function formatIn(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known) return known;
  const clock = { hour: "2-digit", minute: "2-digit", second: "2-digit" } as const;
  const date = { year: "numeric", month: "2-digit", day: "2-digit" } as const;
  const made = new Intl.DateTimeFormat("sv-SE", { timeZone: zone, hourCycle: "h23", ...date, ...clock });
  formats.set(zone, made);
  return made;
}

/** "2026-12-24T18:00:00" by the clock of a zone. */
export function toZoned(instant: string, zone: string): string {
  const [date = "", time] = formatIn(zone).format(new Date(instant)).split(" ");
  return `${date.padStart("2026-12-24".length, "0")}T${time}`; // a year has four digits also while it is typed
}

/** The instant of a local time in a zone, the first where there are two; undefined for what is none of our years. */
export function fromZoned(local: string, zone: string): string | undefined {
  const wall = Date.parse(`${local}Z`);
  if (!(FIRST < wall && wall < LAST)) return undefined;
  const offset = (at: number) => Date.parse(`${toZoned(new Date(at).toISOString(), zone)}Z`) - at;
  // One offset holds before a change of the clocks and one after it; a local time that is skipped is read by the first.
  const before = wall - offset(wall - DAY);
  const after = wall - offset(wall + DAY);
  const isRight = (at: number) => at + offset(at) === wall;
  const found = isRight(before) ? before : isRight(after) ? after : before;
  return new Date(found).toISOString();
}
