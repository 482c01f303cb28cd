/**
 * How often lists are asked for again where the stream does not tell of changes, in milliseconds: see `every`
 * (lib/live). TanStack Query stops while the page is hidden.
 */
export const TASKS_EVERY = 4_000;
export const RUNS_EVERY = 2_000;
export const RUN_EVERY = 1_000;
/** Sums over very many runs, which no hint of the stream speeds up. */
export const SUMS_EVERY = 10_000;
