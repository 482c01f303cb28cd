import type { components } from "@/client/schema";

type Schemas = components["schemas"];

/** A nominal time of a task, and what became of it. */
export type Occurrence = Schemas["OccurrenceItem"];
export type OccurrenceList = Schemas["OccurrenceList"];
export type OccurrenceStatus = Occurrence["status"];

export const OCCURRENCE_STATUSES = [
  ...["ran", "skipped", "cancelled", "running", "waiting", "retrying", "missed", "paused", "excluded"],
  ...["superseded", "deleted", "ended", "before", "coming", "pending", "unknown", "unaccounted"],
] as readonly OccurrenceStatus[];
