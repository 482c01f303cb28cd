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

/** A note of the server, in which members of `any` are counted from 0, as the page numbers them. */
export const noteInWords = (note: string) =>
  note.replace(/^any\/(\d+): /, (_, index) => `Schedule ${Number(index) + 1}: `);
