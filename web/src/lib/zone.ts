import { keptChoice } from "./keptChoice";

/** Whose clock times are shown by: the viewer's, that of each task's schedule, or UTC. */
export const ZONE_CHOICES = ["mine", "task", "utc"] as const;
export type ZoneChoice = (typeof ZONE_CHOICES)[number];

export const viewerZone = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";

const kept = keptChoice<ZoneChoice>("tasker-zone", ZONE_CHOICES);
export const chooseZone = kept.choose;
export const useZoneChoice = kept.use;

/** The zone that a choice means for times of a task; where the task has none, or it is not known, the viewer's. */
export function zoneOf(choice: ZoneChoice, taskZone?: string | null): string {
  if (choice === "utc") return "UTC";
  return choice === "task" && taskZone ? taskZone : viewerZone;
}
