import { QueryClient } from "@tanstack/react-query";
import { Problem } from "@/lib/problem";

export function makeQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      // "always": the API may well be on this machine, whatever the browser thinks of the network.
      queries: {
        networkMode: "always",
        retry: (failures, error) => !(error instanceof Problem) && failures < 1,
        retryDelay: 500,
        staleTime: 1_000,
      },
      mutations: { networkMode: "always", retry: false },
    },
  });
}
