import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { RUN_EVERY } from "@/lib/polling";
import { isUnfinished } from "@/lib/run";
import { runQuery } from "../queries";

/** A run just triggered may not be in the log yet: its absence is asked about for so long before it is believed. */
export const WAIT_MS = 30_000;

/** Whether a text can be the id of a run at all: 128 bits in hexadecimal. */
export function isRunId(text: string): boolean {
  return /^[0-9a-f]{32}$/.test(text);
}

/** A run as it goes on; null while it is not in the log, which is asked about until `since` is too long ago. */
export function useRun(id: string) {
  const [since, setSince] = useState(() => Date.now());
  const isPossible = isRunId(id);
  const query = useQuery({
    ...runQuery(id),
    enabled: isPossible,
    refetchInterval: ({ state: { data } }) => {
      if (data === null) return Date.now() - since < WAIT_MS ? RUN_EVERY : false;
      return !data || isUnfinished(data.state) ? RUN_EVERY : false;
    },
  });
  function lookAgain() {
    setSince(Date.now());
    void query.refetch();
  }
  return { ...query, isPossible, since, lookAgain };
}
