import { type AddressSearch, oneOf, type Parameter, readAddress, text } from "@/lib/address";
import { OCCURRENCE_STATUSES, type OccurrenceStatus } from "@/lib/occurrence";

export const TABS = ["overview", "runs", "occurrences", "history"] as const;
export type Tab = (typeof TABS)[number];

/**
 * What the address of a task says: which tab, and what that shows. Of occurrences: which ones, whether those that come
 * (`asc`) or the past ones, from which instant on (`at`). Of the history: which `version` lies open.
 */
export type TaskAddress = {
  tab?: Tab;
  status?: OccurrenceStatus[];
  order?: "asc" | "desc";
  at?: string;
  cursor?: string;
  version?: string;
};

const instant: Parameter = {
  read: (given) => {
    const ms = /^\d{4}-\d\d-\d\dT/.test(given) ? Date.parse(given) : Number.NaN;
    return Number.isNaN(ms) ? undefined : new Date(ms).toISOString();
  },
};

/** Reads an address written by anybody. */
export const taskAddress = (search: AddressSearch) =>
  readAddress<TaskAddress>(search, {
    tab: oneOf(TABS),
    status: { ...oneOf(OCCURRENCE_STATUSES), isRepeated: true },
    order: oneOf(["asc", "desc"]),
    at: instant,
    cursor: text,
    version: { read: (given) => (/^[1-9]\d{0,15}$/.test(given) ? given : undefined) },
  });
