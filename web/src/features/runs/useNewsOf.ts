import { type UseQueryResult, useQueries } from "@tanstack/react-query";
import { every } from "@/lib/live/live";
import { RUNS_EVERY } from "@/lib/polling";
import { isUnfinished, type Run, type RunItem } from "@/lib/run";
import type { Page } from "./loadedRuns";
import { runQuery } from "./queries";

/** So many unfinished runs are asked for one by one. */
const MOST = 10;

/**
 * What becomes of the unfinished runs of a list that the newest page no longer holds, the newest of them: a run of ten
 * minutes would else be shown as running for ever, where others come by the second.
 */
export function useNewsOf(runs: readonly RunItem[], newest: Page | undefined): readonly RunItem[] {
  const read = new Set(newest?.items.map(({ id }) => id));
  const left = runs.filter(({ id, state }) => isUnfinished(state) && !read.has(id)).slice(0, MOST);
  return useQueries({
    queries: left.map(({ id }) => ({ ...runQuery(id), refetchInterval: every(RUNS_EVERY) })),
    combine: itemsOf,
  });
}

/** As lists have them: without payloads and results. */
function itemsOf(found: UseQueryResult<Run | null>[]): RunItem[] {
  return found.flatMap(({ data }) => {
    if (!data) return [];
    const { payload: _, payload_json: __, result: ___, result_json: ____, attempts: _____, ...item } = data;
    return [item];
  });
}
