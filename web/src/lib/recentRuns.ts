import { queryOptions } from "@tanstack/react-query";
import type { components } from "@/client/schema";
import { api, ask } from "./api";
import { every } from "./live/live";
import { RUNS_EVERY } from "./polling";

export type RecentRun = components["schemas"]["RecentRun"];
export type RecentRuns = Record<string, RecentRun[] | undefined>;

const SHOWN = 10;

/** By task its newest runs, newest first. */
export const recentRunsQuery = (taskIds: readonly string[]) =>
  queryOptions({
    queryKey: ["recent-runs", [...taskIds]],
    queryFn: async ({ signal }): Promise<RecentRuns> => {
      const query = { task_id: [...taskIds], limit: SHOWN };
      return (await ask(api.GET("/api/v1/recent-runs", { params: { query }, signal }))).tasks;
    },
    enabled: taskIds.length > 0,
    refetchInterval: every(2 * RUNS_EVERY),
    placeholderData: (before) => before, // rows that stay keep what they show
  });
