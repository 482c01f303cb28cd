import { queryOptions } from "@tanstack/react-query";
import { api, ask } from "@/lib/api";
import { every } from "@/lib/live/live";

/** How the newest runs of a task went. */
export const statsQuery = (id: string) =>
  queryOptions({
    queryKey: ["task-stats", id],
    queryFn: ({ signal }) =>
      ask(api.GET("/api/v1/tasks/{task_id}/stats", { params: { path: { task_id: id } }, signal })),
    refetchInterval: every(10_000),
  });
