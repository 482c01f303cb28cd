import { useSyncExternalStore } from "react";

/** Whose clock times are shown by: the viewer's, that of each task's schedule, or UTC. */
export const ZONE_CHOICES = ["mine", "task", "utc"] as const;
export type ZoneChoice = (typeof ZONE_CHOICES)[number];

export const viewerZone = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";

const KEY = "tasker-zone";
const listeners = new Set<() => void>();
let current = stored();

function stored(): ZoneChoice {
  try {
    const text = localStorage.getItem(KEY);
    return ZONE_CHOICES.find((one) => one === text) ?? "mine";
  } catch {
    return "mine"; // a browser that keeps nothing
  }
}

function tell(choice: ZoneChoice) {
  current = choice;
  for (const listener of listeners) listener();
}

/** Chooses for all tabs, and for the next time. */
export function chooseZone(choice: ZoneChoice) {
  try {
    localStorage.setItem(KEY, choice);
  } catch {
    // it holds for this tab
  }
  tell(choice);
}

function subscribe(listener: () => void) {
  if (listeners.size === 0) window.addEventListener("storage", hear);
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) window.removeEventListener("storage", hear);
  };
}

function hear(event: StorageEvent) {
  if (event.key === KEY || event.key === null) tell(stored());
}

export function useZoneChoice(): ZoneChoice {
  return useSyncExternalStore(subscribe, () => current);
}

/** The zone that a choice means for times of a task; where the task has none, or it is not known, the viewer's. */
export function zoneOf(choice: ZoneChoice, taskZone?: string | null): string {
  if (choice === "utc") return "UTC";
  return choice === "task" && taskZone ? taskZone : viewerZone;
}
