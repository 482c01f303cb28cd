const units = [
  [86_400, "d"],
  [3_600, "h"],
  [60, "min"],
  [1, "s"],
] as const;

/** By how much a run moves: "2 h 30 min later". */
export function shiftInWords(seconds: number): string {
  let rest = Math.abs(seconds);
  const parts = units.flatMap(([size, name]) => {
    const amount = Math.floor(rest / size);
    rest -= amount * size;
    return amount > 0 ? [`${amount} ${name}`] : [];
  });
  return parts.length > 0 ? `${parts.join(" ")} ${seconds > 0 ? "later" : "earlier"}` : "at the same time";
}
