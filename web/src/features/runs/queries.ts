import { queryOptions } from "@tanstack/react-query";
import { api, ask } from "@/lib/api";
import { writtenAt } from "@/lib/json";
import { every } from "@/lib/live/live";
import { RUNS_EVERY, SUMS_EVERY } from "@/lib/polling";
import { Problem } from "@/lib/problem";
import type { Run } from "@/lib/run";
import { LAST, queryOf, type RunFilters } from "./filters";
import type { MissedFilters } from "./missed/filters";

export const PAGE_SIZE = 50;

export function fetchRuns(filters: RunFilters, cursor?: string, signal?: AbortSignal) {
  return ask(
    api.GET("/api/v1/runs", {
      params: { query: { ...queryOf(filters, Date.now()), cursor, limit: PAGE_SIZE } },
      signal,
    }),
  );
}

/** The newest page of the log, asked for again and again. */
export const newestQuery = (filters: RunFilters) =>
  queryOptions({
    queryKey: ["runs", filters],
    queryFn: ({ signal }) => fetchRuns(filters, undefined, signal),
    refetchInterval: every(RUNS_EVERY),
    gcTime: 0,
  });

/** A run; null while it is not in the log. */
export const runQuery = (id: string) =>
  queryOptions({
    queryKey: ["run", id],
    queryFn: async ({ signal }): Promise<Run | null> => {
      try {
        const params = { path: { run_id: id } };
        const json = await ask(api.GET("/api/v1/runs/{run_id}", { params, parseAs: "text", signal }));
        const written = (pointer: string) => writtenAt(json, pointer) ?? undefined;
        const as = { payload_json: written("/payload"), result_json: written("/result") };
        return { ...(JSON.parse(json) as Run), ...as };
      } catch (error) {
        if (isAbsent(error)) return null;
        throw error;
      }
    },
    retry: (failures, error) => !(error instanceof Problem) && failures < 3,
  });

/** The runs that the end of a run has started. */
export const startedQuery = (id: string) =>
  queryOptions({
    queryKey: ["runs", { startedBy: id }],
    queryFn: ({ signal }) =>
      ask(api.GET("/api/v1/runs", { params: { query: { after_run_id: id, limit: PAGE_SIZE } }, signal })),
    refetchInterval: every(RUNS_EVERY),
  });

function isAbsent(error: unknown): boolean {
  return error instanceof Problem && error.status === 404;
}

/** How runs ended over the time that the log is of: by default the last hour. */
export const histogramQuery = ({ task_id, last, from, to }: RunFilters) =>
  queryOptions({
    queryKey: ["promise", { histogram: { task_id, last, from, to } }],
    queryFn: ({ signal }) => {
      const since = from ?? (to ? undefined : new Date(Date.now() - LAST[last ?? "1h"]).toISOString());
      const query = { task: task_id, from: since, to };
      return ask(api.GET("/api/v1/stats/promise", { params: { query }, signal }));
    },
    refetchInterval: SUMS_EVERY,
    placeholderData: (data) => data,
    retry: false,
  });

export const missedQuery = (filters: MissedFilters, cursor?: string) =>
  queryOptions({
    queryKey: ["missed", { ...filters, cursor }],
    queryFn: ({ signal }) => {
      const query = { ...filters, cursor, limit: PAGE_SIZE };
      return ask(api.GET("/api/v1/missed", { params: { query }, signal }));
    },
    refetchInterval: every(10_000),
    placeholderData: (data) => data,
  });
