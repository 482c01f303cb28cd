import { type QueryCache, useQueryClient } from "@tanstack/react-query";
import { useCallback, useSyncExternalStore } from "react";
import { Problem } from "./problem";

/** What is shown and could not be read anew: why, and as of when it is (milliseconds). */
export type Stale = { reason: string; since: number };

/**
 * What is shown of the past because the API refuses to give it anew; null where all is as it is. That the API does not
 * answer at all is the connection's to say, and that a key is not valid any more the session's.
 */
export function useStale(): { stale: Stale | null; readAgain: () => void } {
  const client = useQueryClient();
  const cache = client.getQueryCache();
  const subscribe = useCallback((hear: () => void) => cache.subscribe(hear), [cache]);
  // As a text: the same for the same, as React wants it of what it compares.
  const said = useSyncExternalStore(subscribe, () => JSON.stringify(staleIn(cache)));
  return { stale: JSON.parse(said), readAgain: () => void client.refetchQueries({ predicate: isStale }) };
}

type Query = ReturnType<QueryCache["getAll"]>[number];

function isStale({ state: { data, error, status } }: Query): boolean {
  return data !== undefined && status === "error" && error instanceof Problem && error.status !== 401;
}

function staleIn(cache: QueryCache): Stale | null {
  const found = cache.findAll({ type: "active", predicate: isStale });
  const [first] = found;
  if (!first) return null;
  const since = Math.min(...found.map(({ state }) => state.dataUpdatedAt));
  return { reason: (first.state.error as Problem).message, since };
}
