import { queryOptions } from "@tanstack/react-query";
import { api, ask } from "@/lib/api";
import { every } from "@/lib/live/live";
import { SUMS_EVERY } from "@/lib/polling";

export const RANGES = { "1h": 3_600_000, "24h": 86_400_000, "7d": 7 * 86_400_000 } as const;
export type Range = keyof typeof RANGES;

const LISTED = 8;
const before = (ms: number) => new Date(Date.now() - ms).toISOString();

export const countsQuery = queryOptions({
  queryKey: ["task-counts"],
  queryFn: ({ signal }) => ask(api.GET("/api/v1/stats/tasks", { signal })),
  refetchInterval: 5_000, // that a task is late by now no stream tells
});

export const promiseQuery = (range: Range) =>
  queryOptions({
    queryKey: ["promise", { range }],
    queryFn: ({ signal }) => {
      const query = { from: before(RANGES[range]) };
      return ask(api.GET("/api/v1/stats/promise", { params: { query }, signal }));
    },
    refetchInterval: SUMS_EVERY,
    placeholderData: (data) => data,
  });

export const failingQuery = queryOptions({
  queryKey: ["tasks", { shown: "failing" }],
  queryFn: ({ signal }) => {
    const query = { min_failures: 1, sort: "-failures", limit: LISTED } as const;
    return ask(api.GET("/api/v1/tasks", { params: { query }, signal }));
  },
  refetchInterval: every(4_000),
});

export const lateQuery = queryOptions({
  queryKey: ["tasks", { shown: "late" }],
  queryFn: ({ signal }) => {
    const query = { late: true, sort: "next_at", limit: LISTED } as const;
    return ask(api.GET("/api/v1/tasks", { params: { query }, signal }));
  },
  refetchInterval: () => Math.min(every(4_000)(), 10_000), // that time goes by no stream tells
});

export const missedQuery = queryOptions({
  queryKey: ["missed", { shown: "a day" }],
  queryFn: ({ signal }) => {
    const query = { from: before(RANGES["24h"]), limit: LISTED };
    return ask(api.GET("/api/v1/missed", { params: { query }, signal }));
  },
  refetchInterval: every(10_000),
});

export const nextHourQuery = queryOptions({
  queryKey: ["forecast", { shown: "an hour" }],
  queryFn: ({ signal }) => {
    const query = { to: new Date(Date.now() + RANGES["1h"]).toISOString(), bucket: "PT1M" };
    return ask(api.GET("/api/v1/forecast", { params: { query }, signal }));
  },
  refetchInterval: () => Math.min(every(30_000)(), 60_000),
});
