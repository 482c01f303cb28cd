import { keptChoice } from "./keptChoice";

/**
 * Whether single letters are shortcuts. Whoever speaks to their computer must be able to switch that off (WCAG 2.1,
 * 2.1.4): what they say comes as letters.
 */
export const singleKeys = keptChoice<"on" | "off">("tasker-single-keys", ["on", "off"]);
