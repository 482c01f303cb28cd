import { queryOptions } from "@tanstack/react-query";
import { api, ask } from "@/lib/api";
import { Problem } from "@/lib/problem";
import type { PreviewInput } from "@/lib/task";

/** What the server says a schedule means: its words, its next times, and what to know about them. */
export const previewQuery = (wanted: PreviewInput) =>
  queryOptions({
    queryKey: ["preview", wanted],
    queryFn: ({ signal }) => ask(api.POST("/api/v1/schedules/preview", { body: wanted, signal })),
    retry: (failures, error) => !(error instanceof Problem) && failures < 3,
  });
