import { type AddressSearch, oneOf, readAddress, text } from "@/lib/address";
import { LAST_OUTCOMES, type LastOutcome } from "@/lib/run";
import { TASK_STATES, type TaskState } from "@/lib/task";

export const SORTS = {
  name: "Name, A to Z",
  "-name": "Name, Z to A",
  next_at: "Next run, soonest first",
  "-next_at": "Next run, latest first",
  "-failures": "Failures, most first",
  failures: "Failures, fewest first",
  last_outcome: "Last outcome, A to Z",
  "-last_outcome": "Last outcome, Z to A",
  "-created_at": "Created, newest first",
  created_at: "Created, oldest first",
  "-updated_at": "Changed, newest first",
  updated_at: "Changed, oldest first",
  id: "Id, A to Z",
  "-id": "Id, Z to A",
} as const;
export type Sort = keyof typeof SORTS;

/** What the address says about the list of tasks. An absent field filters nothing; of several tags a task has all. */
export type TaskFilters = {
  q?: string;
  state?: TaskState;
  handler?: string;
  tag?: string[];
  last_outcome?: LastOutcome;
  /** So many failures in a row at least, from 1. */
  min_failures?: number;
  paused_by?: string;
  /** Only those whose run should have been logged by now. */
  late?: true;
  sort?: Sort;
  cursor?: string;
  /** What is to be begun with all that pass the filters, once it is confirmed: `spread:PT5M`. */
  bulk?: string;
};

/** Reads an address written by anybody. */
export function taskFilters(search: AddressSearch) {
  const { filters, unknown } = readAddress<TaskFilters>(search, {
    q: text,
    state: oneOf(TASK_STATES),
    handler: text,
    tag: { ...text, isRepeated: true },
    last_outcome: oneOf(LAST_OUTCOMES),
    min_failures: { read: (typed) => (/^[1-9]\d{0,8}$/.test(typed) ? Number(typed) : undefined) },
    paused_by: text,
    late: { read: (typed) => (typed === "true" ? true : undefined) },
    sort: oneOf(Object.keys(SORTS)),
    cursor: text,
    bulk: { read: (typed) => (/^spread:P[0-9DTHMS.]+$/.test(typed) ? typed : undefined) },
  });
  // Who is late changes by the second: nothing is done to all of those.
  if (!filters.late || !filters.bulk) return { filters, unknown };
  const { bulk, ...rest } = filters;
  return { filters: rest, unknown: [...unknown, { name: "bulk", value: bulk }] };
}

/** The window by which an address asks to spread all that pass its filters; null where it asks for nothing. */
export function askedSpread({ bulk }: TaskFilters): string | null {
  return bulk ? bulk.slice("spread:".length) : null;
}

/** The same list with nothing hidden, in its order. */
export function unfiltered({ sort }: TaskFilters): TaskFilters {
  return sort ? { sort } : {};
}

/** Whether something is hidden by the filters (the order hides nothing). */
export function hides({ sort: _, cursor: __, bulk: ___, ...filters }: TaskFilters): boolean {
  return Object.values(filters).some((value) => (Array.isArray(value) ? value.length > 0 : Boolean(value)));
}
