import { type AddressSearch, oneOf, type Parameter, readAddress, text } from "@/lib/address";
import { RUN_KINDS, RUN_STATES, type RunKind, type RunState } from "@/lib/run";

/** How far back a list of runs goes, by the clock of its reader. */
export const LAST = { "15m": 900_000, "1h": 3_600_000, "24h": 86_400_000, "7d": 7 * 86_400_000 } as const;
export type Last = keyof typeof LAST;
export const LANES = ["live", "background"] as const;
export type Lane = (typeof LANES)[number];

/**
 * What the address says about the execution log. An absent field filters nothing. `last` goes with the time, `from` and
 * `to` stand still: RFC 3339, of the effective time.
 */
export type RunFilters = {
  q?: string;
  task_id?: string;
  state?: RunState;
  kind?: RunKind;
  lane?: Lane;
  last?: Last;
  from?: string;
  to?: string;
};

const instant: Parameter = {
  read: (given) => {
    const ms = /^\d{4}-\d\d-\d\dT/.test(given) ? Date.parse(given) : Number.NaN;
    return Number.isNaN(ms) ? undefined : new Date(ms).toISOString();
  },
};

/** Reads an address written by anybody. */
export const runFilters = (search: AddressSearch) =>
  readAddress<RunFilters>(search, {
    q: text,
    task_id: text,
    state: oneOf(RUN_STATES),
    kind: oneOf(RUN_KINDS),
    lane: oneOf(LANES),
    last: oneOf(Object.keys(LAST)),
    from: instant,
    to: instant,
  });

export function hides(filters: RunFilters): boolean {
  return Object.values(filters).some(Boolean);
}

/** What is asked of the API: `last` as an instant. */
export function queryOf({ last, ...rest }: RunFilters, now: number) {
  return last ? { ...rest, from: new Date(now - LAST[last]).toISOString(), to: undefined } : rest;
}
