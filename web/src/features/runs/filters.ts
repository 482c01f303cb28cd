import { type AddressSearch, oneOf, readAddress, text } from "@/lib/address";
import { RUN_KINDS, RUN_STATES, type RunKind, type RunState } from "@/lib/run";

/** What the address says about the execution log. An absent field filters nothing. */
export type RunFilters = { task_id?: string; state?: RunState; kind?: RunKind };

/** Reads an address written by anybody. */
export const runFilters = (search: AddressSearch) =>
  readAddress<RunFilters>(search, { task_id: text, state: oneOf(RUN_STATES), kind: oneOf(RUN_KINDS) });

export function hides(filters: RunFilters): boolean {
  return Boolean(filters.task_id || filters.state || filters.kind);
}
