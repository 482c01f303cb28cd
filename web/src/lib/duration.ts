/** "41 ms", "1.20 s", "3 min 20 s", "2 h 5 min": three digits are enough to judge by. */
export function inWords(ms: number): string {
  const sign = ms < 0 ? "−" : "";
  const size = Math.abs(ms);
  if (size < 1_000) return `${sign}${Math.round(size)} ms`;
  if (size < 10_000) return `${sign}${(size / 1_000).toFixed(2)} s`;
  if (size < 60_000) return `${sign}${(size / 1_000).toFixed(1)} s`;
  if (size < 3_600_000) return sign + two(size, 60_000, "min", 1_000, "s");
  if (size < 86_400_000) return sign + two(size, 3_600_000, "h", 60_000, "min");
  return sign + two(size, 86_400_000, "d", 3_600_000, "h");
}

function two(size: number, big: number, bigName: string, small: number, smallName: string): string {
  const rest = Math.floor((size % big) / small);
  return `${Math.floor(size / big)} ${bigName}${rest ? ` ${rest} ${smallName}` : ""}`;
}

export const UNITS = ["S", "M", "H", "D"] as const;
export type Unit = (typeof UNITS)[number];

/** An amount of one unit, as ISO 8601 writes it: (15, "M") is PT15M. */
export function iso(amount: string, unit: Unit): string {
  return unit === "D" ? `P${amount}D` : `PT${amount}${unit}`;
}

/** The amount and unit of a duration that has just one; null for those that only ISO can say, such as PT1H30M. */
export function single(duration: string): { amount: string; unit: Unit } | null {
  const match = /^P(?:(\d+)D|T(\d+)([HMS]))$/.exec(duration);
  if (!match) return null;
  return match[1] ? { amount: match[1], unit: "D" } : { amount: match[2] ?? "", unit: match[3] as Unit };
}

const words = ["day", "hour", "minute", "second"] as const;

/** "30 seconds" for PT30S, "1 minute 30 seconds" for PT1M30S; what is no duration of days and less stays as it is. */
export function spoken(duration: string): string {
  const match = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/.exec(duration);
  const parts = words.flatMap((word, i) => {
    const amount = match?.[i + 1];
    return amount === undefined ? [] : [`${amount} ${word}${amount === "1" ? "" : "s"}`];
  });
  return parts.join(" ") || duration;
}
