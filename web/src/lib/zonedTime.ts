/** What a field for a local time means by the clock of any zone. */

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
  return formatIn(zone).format(new Date(instant)).replace(" ", "T");
}

/** The instant of a local time in a zone, the first where there are two; undefined for what is no time. */
export function fromZoned(local: string, zone: string): string | undefined {
  const wall = Date.parse(`${local}Z`);
  if (local === "" || Number.isNaN(wall)) return undefined;
  const offset = (at: number) => Date.parse(`${toZoned(new Date(at).toISOString(), zone)}Z`) - at;
  const day = 86_400_000;
  // One offset holds before a change of the clocks and one after it; a local time that is skipped is read by the first.
  const before = wall - offset(wall - day);
  const after = wall - offset(wall + day);
  const isRight = (at: number) => at + offset(at) === wall;
  const found = isRight(before) ? before : isRight(after) ? after : before;
  return new Date(found).toISOString();
}
