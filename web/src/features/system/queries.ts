import { infiniteQueryOptions } from "@tanstack/react-query";
import { api, ask } from "@/lib/api";

export const PAGE_SIZE = 25;

/** Dead letters, page behind page. They are read from Kafka at each look, so nobody asks again by the second. */
export const deadLettersQuery = infiniteQueryOptions({
  queryKey: ["dead-letters"],
  queryFn: ({ pageParam, signal }) =>
    ask(
      api.GET("/api/v1/dead-letters", {
        params: { query: { limit: PAGE_SIZE, ...(pageParam && { cursor: pageParam }) } },
        signal,
      }),
    ),
  initialPageParam: "",
  getNextPageParam: (page) => page.next_cursor,
  staleTime: 10_000,
});
