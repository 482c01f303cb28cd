import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, ask } from "@/lib/api";
import type { LetterFilters } from "./filters";

export const PAGE_SIZE = 25;

/** They are read from Kafka at each look, so nobody asks again by the second. */
const fresh = { staleTime: 10_000, refetchInterval: 30_000 } as const;

export function fetchLetters(
  { view: _, ...filters }: LetterFilters,
  limit: number,
  cursor?: string,
  signal?: AbortSignal,
) {
  const query = { ...filters, limit, cursor };
  return ask(api.GET("/api/v1/dead-letters", { params: { query }, signal }));
}

/** Dead letters, page behind page. */
export const lettersQuery = (filters: LetterFilters) =>
  infiniteQueryOptions({
    queryKey: ["dead-letters", { ...filters, view: undefined }],
    queryFn: ({ pageParam, signal }) => fetchLetters(filters, PAGE_SIZE, pageParam || undefined, signal),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor,
    ...fresh,
  });

/** The newest ones by their cause. */
export const groupsQuery = queryOptions({
  queryKey: ["dead-letters", { grouped: true }],
  queryFn: ({ signal }) => ask(api.GET("/api/v1/dead-letters/groups", { signal })),
  ...fresh,
});
