import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { answer, api, ask } from "@/lib/api";
import { every } from "@/lib/live/live";
import { TASKS_EVERY } from "@/lib/polling";
import type { Task } from "@/lib/task";
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

/**
 * A task together with the ETag that a change of it must name, and the JSON that it came as: a browser rounds large
 * numbers when it reads them.
 */
export const taskQuery = (id: string) =>
  queryOptions({
    queryKey: ["task", id],
    queryFn: async ({ signal }) => {
      const params = { path: { task_id: id } };
      const call = api.GET("/api/v1/tasks/{task_id}", { params, parseAs: "text", signal });
      const { data: json, response } = await answer(call);
      const task = JSON.parse(json) as Task;
      return { task, json, etag: response.headers.get("etag") ?? `"${task.version}"` };
    },
  });

export const handlersQuery = queryOptions({
  queryKey: ["handlers"],
  queryFn: ({ signal }) => ask(api.GET("/api/v1/handlers", { signal })),
  staleTime: 60_000,
});
