import { type AddressSearch, oneOf, readAddress } from "@/lib/address";
import { RANGES, type Range } from "./queries";

/** How far back the overview looks, as the address says. */
export const overviewRange = (search: AddressSearch) =>
  readAddress<{ range?: Range }>(search, { range: oneOf(Object.keys(RANGES)) });
