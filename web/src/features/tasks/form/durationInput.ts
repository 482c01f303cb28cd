import { iso, single, type Unit } from "@/lib/duration";

/** A length of time as it is typed: an amount and its unit, or the ISO form as a whole. No amount: none. */
export type DurationInput = { amount: string; unit: Unit | "iso" };

export function durationInputOf(duration: string): DurationInput {
  return single(duration) ?? { amount: duration, unit: "iso" };
}

export function durationOf({ amount, unit }: DurationInput): string {
  return unit === "iso" ? amount.trim() : iso(amount.trim(), unit);
}
