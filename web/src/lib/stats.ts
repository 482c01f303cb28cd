import type { components } from "@/client/schema";

type Schemas = components["schemas"];

export type Promised = Schemas["Promise"];
export type TaskCounts = Schemas["TaskCounts"];
export type TaskCount = Schemas["TaskCount"];
export type TaskStats = Schemas["TaskStats"];
export type Forecast = Schemas["Forecast"];
export type Missed = Schemas["MissedItem"];
export type Stage = keyof Promised["stages"];

/** The stages of a run, in their order. */
export const STAGES = [
  "emission",
  "delivery",
  "waiting",
  "execution",
  "logging",
] as const satisfies readonly Stage[];

/** "10,000+" where not all are counted. */
export function counted({ count, is_more }: TaskCount): string {
  return `${count.toLocaleString("en-GB")}${is_more ? "+" : ""}`;
}

/** "100 %", "99.98 %", "0.4 %": never 100 % where one is missing. */
export function percent(share: number): string {
  if (share === 1 || share === 0) return `${share * 100} %`;
  const digits = share > 0.99 || share < 0.01 ? 2 : 1;
  // Without what binary fractions lack: 0.29 times 100 is 29.
  const shown = Math.floor(Number((share * 100 * 10 ** digits).toPrecision(12))) / 10 ** digits;
  return `${Math.max(shown, 10 ** -digits)} %`;
}
