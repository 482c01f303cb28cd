import { type AddressSearch, oneOf, readAddress, text } from "@/lib/address";

/** Why a nominal time did not run, and what that means. */
export const REASONS = {
  policy: "late, and the policy runs none",
  coalesced: "late, and only the newest runs",
  over_max: "late, and more than the policy runs",
  too_old: "more than 24 hours late",
  paused: "paused before it was caught up",
  deleted: "deleted before it was caught up",
  changed: "changed before it was caught up",
} as const;
export type Reason = keyof typeof REASONS;
export type MissedFilters = { task_id?: string; reason?: Reason; cursor?: string };

export const missedFilters = (search: AddressSearch) =>
  readAddress<MissedFilters>(search, {
    task_id: text,
    reason: oneOf(Object.keys(REASONS)),
    cursor: text,
  });
