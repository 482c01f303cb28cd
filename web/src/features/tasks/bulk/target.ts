import type { BulkActionInput, BulkFilter } from "@/lib/changeSets/changeSet";
import type { TaskFilters } from "../list/filters";

/** Which tasks something is done to: those with these ids, or all that pass a filter when their turn comes. */
export type Target = { ids: readonly string[] } | { filter: BulkFilter };

/** All that pass the filters of the list. (Who is late changes by the second: that is no filter for it.) */
export function wholeOf({
  q,
  state,
  handler,
  tag,
  last_outcome,
  min_failures,
  paused_by,
}: TaskFilters): Target {
  const filter: BulkFilter = {
    ...(q && { q: [q] }),
    ...(state && { state }),
    ...(handler && { handler }),
    ...(tag && tag.length > 0 && { tag }),
    ...(last_outcome && { last_outcome }),
    ...(min_failures && { min_failures }),
    ...(paused_by && { paused_by }),
  };
  return { filter };
}

export function requestOf(target: Target): Pick<BulkActionInput, "ids" | "filter" | "all"> {
  if ("ids" in target) return { ids: [...target.ids] };
  return Object.keys(target.filter).length > 0 ? { filter: target.filter } : { filter: {}, all: true };
}

/** Which tasks, in words: how many are chosen, or what they have in common. */
export function subjectOf(target: Target): string {
  if ("ids" in target) return target.ids.length === 1 ? "The selected task" : "The selected tasks";
  const parts = Object.entries(target.filter).flatMap(([name, value]) =>
    [value].flat().map((one) => `${name.replaceAll("_", " ")} ${one}`),
  );
  return parts.length > 0 ? `All tasks with ${parts.join(", ")}` : "All tasks";
}
