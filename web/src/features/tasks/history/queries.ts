import { queryOptions } from "@tanstack/react-query";
import { api, ask } from "@/lib/api";
import { readExact } from "@/lib/exactJson";
import { every } from "@/lib/live/live";
import type { RevisionDetail, RevisionList } from "@/lib/revision";

/** The versions of a task, newest first; also of one that is deleted. With every digit of what they changed. */
export const historyQuery = (id: string, cursor?: string) =>
  queryOptions({
    queryKey: ["task-history", id, { cursor }],
    queryFn: async ({ signal }) => {
      const params = { path: { task_id: id }, query: { cursor } };
      const call = api.GET("/api/v1/tasks/{task_id}/history", { params, parseAs: "text", signal });
      return readExact(await ask(call)) as RevisionList;
    },
    refetchInterval: every(10_000),
    placeholderData: (data) => data,
  });

/** One version, whole, with every digit: it never changes. */
export const versionQuery = (id: string, version: number) =>
  queryOptions({
    queryKey: ["task-version", id, version],
    queryFn: async ({ signal }) => {
      const params = { path: { task_id: id, version } };
      const call = api.GET("/api/v1/tasks/{task_id}/history/{version}", { params, parseAs: "text", signal });
      return readExact(await ask(call)) as RevisionDetail;
    },
    staleTime: Number.POSITIVE_INFINITY,
  });
