import { queryOptions } from "@tanstack/react-query";
import { api, ask } from "@/lib/api";
import { every } from "@/lib/live/live";
import { DEFAULT_SPAN, SPANS, type UpcomingFilters } from "./filters";

const MINUTE = 60_000;

/** What comes, from the last whole bucket on. */
export const forecastQuery = ({ span = DEFAULT_SPAN, q, tag, handler }: UpcomingFilters) =>
  queryOptions({
    queryKey: ["forecast", { span, q, tag, handler }],
    queryFn: ({ signal }) => {
      const { ms, bucket } = SPANS[span];
      const query = {
        to: new Date(Date.now() + ms).toISOString(),
        bucket,
        q: q ? [q] : undefined,
        tag,
        handler,
      };
      return ask(api.GET("/api/v1/forecast", { params: { query }, signal }));
    },
    refetchInterval: () => Math.min(every(30_000)(), MINUTE),
    placeholderData: (data) => data,
  });
