import { type AddressSearch, oneOf, readAddress, text } from "@/lib/address";
import { VERDICTS, type Verdict } from "@/lib/changeSets/changeSet";

/** What the address says about the list of changes. */
export type ChangeSetFilters = { cursor?: string };
export const changeSetFilters = (search: AddressSearch) =>
  readAddress<ChangeSetFilters>(search, { cursor: text });

/** What the address says about the tasks of one of them. */
export type ItemFilters = { verdict?: Verdict; cursor?: string };
export const itemFilters = (search: AddressSearch) =>
  readAddress<ItemFilters>(search, { verdict: oneOf(VERDICTS), cursor: text });
