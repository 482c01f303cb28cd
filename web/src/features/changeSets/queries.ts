import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api, ask } from "@/lib/api";
import { every } from "@/lib/live/live";

const PAGE_SIZE = 50;
export const ITEMS_PAGE = 100;

/** Changes of many tasks, the newest first. */
export const changeSetsQuery = (cursor?: string) =>
  queryOptions({
    queryKey: ["change-sets", { cursor }],
    queryFn: ({ signal }) =>
      ask(api.GET("/api/v1/change-sets", { params: { query: { limit: PAGE_SIZE, cursor } }, signal })),
    refetchInterval: every(4_000),
    placeholderData: keepPreviousData,
  });
