import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { answer, api, ask } from "@/lib/api";
import { every } from "@/lib/live/live";
import { TASKS_EVERY } from "@/lib/polling";
import type { TaskFilters } from "./list/filters";

export const PAGE_SIZE = 50;

export const tasksQuery = ({ bulk: _, ...filters }: TaskFilters, limit = PAGE_SIZE) =>
  queryOptions({
    queryKey: ["tasks", filters, limit],
    queryFn: ({ signal }) => {
      const query = { ...filters, q: filters.q ? [filters.q] : undefined, limit };
      return ask(api.GET("/api/v1/tasks", { params: { query }, signal }));
    },
    refetchInterval: every(TASKS_EVERY),
    placeholderData: keepPreviousData,
  });

/** A task together with the ETag that a change of it must name. */
export const taskQuery = (id: string) =>
  queryOptions({
    queryKey: ["task", id],
    queryFn: async ({ signal }) => {
      const call = api.GET("/api/v1/tasks/{task_id}", { params: { path: { task_id: id } }, signal });
      const { data, response } = await answer(call);
      return { task: data, etag: response.headers.get("etag") ?? `"${data.version}"` };
    },
  });

export const handlersQuery = queryOptions({
  queryKey: ["handlers"],
  queryFn: ({ signal }) => ask(api.GET("/api/v1/handlers", { signal })),
  staleTime: 60_000,
});
