import { queryOptions } from "@tanstack/react-query";
import { api, ask } from "@/lib/api";

export const keysQuery = queryOptions({
  queryKey: ["keys"],
  queryFn: ({ signal }) => ask(api.GET("/api/v1/keys", { signal })),
});
