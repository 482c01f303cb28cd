import { queryOptions } from "@tanstack/react-query";
import { api, ask } from "@/lib/api";
import { every } from "@/lib/live/live";
import type { OccurrenceStatus } from "@/lib/occurrence";

/** Which occurrences of a task: past ones back from `at`, or from `at` on; without it, now. */
export type OccurrenceFilters = {
  status?: OccurrenceStatus[];
  order?: "asc" | "desc";
  at?: string;
  cursor?: string;
};

/** So far does the server look for one answer where it is told one bound alone. */
export const WINDOW_MS = 31 * 86_400_000;

export const occurrencesQuery = (id: string, { status, order = "desc", at, cursor }: OccurrenceFilters) =>
  queryOptions({
    queryKey: ["occurrences", id, { status, order, at, cursor }],
    queryFn: ({ signal }) => {
      const bound = order === "asc" ? { from: at } : { to: at };
      const query = { status, order, cursor, ...bound };
      const params = { path: { task_id: id }, query };
      return ask(api.GET("/api/v1/tasks/{task_id}/occurrences", { params, signal }));
    },
    refetchInterval: every(10_000),
    placeholderData: (data) => data,
  });
