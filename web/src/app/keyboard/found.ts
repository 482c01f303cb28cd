import { queryOptions } from "@tanstack/react-query";
import { api, ask } from "@/lib/api";

const SHOWN = 6;
/** The begin of a run's id, long enough not to be a word. */
const RUN_ID = /^(?=.*\d)[0-9a-f]{6,}$/i;

export function mayBeRun(typed: string): boolean {
  return RUN_ID.test(typed);
}

/** A search takes a letter or a digit; the API refuses it otherwise. */
const HAS_WORD = /[\p{L}\p{N}]/u;

/** The first tasks in whose id, name or tags the words typed begin one. */
export function foundTasksQuery(q: string) {
  return queryOptions({
    queryKey: ["tasks", { found: q }],
    queryFn: ({ signal }) =>
      ask(api.GET("/api/v1/tasks", { params: { query: { q: [q], limit: SHOWN } }, signal })),
    enabled: HAS_WORD.test(q),
    placeholderData: (before) => (HAS_WORD.test(q) ? before : undefined),
  });
}

/** The first runs whose id begins with what was typed. */
export function foundRunsQuery(q: string) {
  return queryOptions({
    queryKey: ["runs", { found: q }],
    queryFn: ({ signal }) => ask(api.GET("/api/v1/runs", { params: { query: { q, limit: SHOWN } }, signal })),
    enabled: mayBeRun(q),
  });
}
