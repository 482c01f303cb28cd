import { queryOptions } from "@tanstack/react-query";
import { api, ask } from "@/lib/api";
import { every } from "@/lib/live/live";

/** The versions of a task, newest first; also of one that is deleted. */
export const historyQuery = (id: string, cursor?: string) =>
  queryOptions({
    queryKey: ["task-history", id, { cursor }],
    queryFn: ({ signal }) => {
      const params = { path: { task_id: id }, query: { cursor } };
      return ask(api.GET("/api/v1/tasks/{task_id}/history", { params, signal }));
    },
    refetchInterval: every(10_000),
    placeholderData: (data) => data,
  });

/** One version, whole: it never changes. */
export const versionQuery = (id: string, version: number) =>
  queryOptions({
    queryKey: ["task-version", id, version],
    queryFn: ({ signal }) => {
      const params = { path: { task_id: id, version } };
      return ask(api.GET("/api/v1/tasks/{task_id}/history/{version}", { params, signal }));
    },
    staleTime: Number.POSITIVE_INFINITY,
  });
