import { queryOptions } from "@tanstack/react-query";
import type { components } from "@/client/schema";
import { api, ask } from "./api";
import { every } from "./live/live";

export type SystemInfo = components["schemas"]["SystemInfo"];
export type Finding = SystemInfo["findings"][number];
export type PartitionInfo = SystemInfo["partitions"][number];

/** The state of the whole: ages of watermarks and lags change without a word of the stream. */
export const systemQuery = queryOptions({
  queryKey: ["system"],
  queryFn: ({ signal }) => ask(api.GET("/api/v1/system", { signal })),
  refetchInterval: () => Math.min(every(5_000)(), 10_000),
});
