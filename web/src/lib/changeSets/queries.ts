import { queryOptions } from "@tanstack/react-query";
import { api, ask } from "@/lib/api";
import { every } from "@/lib/live/live";
import { Problem } from "@/lib/problem";
import type { BulkActionInput, BulkCount, ChangeSet, Verdict } from "./changeSet";
import { isMoving } from "./changeSet";

const FOLLOW_MS = 800;
const LOOK_MS = 5_000;
/** What was published before a cancel is answered within moments; later than that nothing is to come. */
const SETTLED_MS = 60_000;

/** A change-set; asked for again and again while it goes on. */
export const changeSetQuery = (id: string) =>
  queryOptions({
    queryKey: ["change-sets", id],
    queryFn: ({ signal }) =>
      ask(api.GET("/api/v1/change-sets/{change_set}", { params: { path: { change_set: id } }, signal })),
    refetchInterval: ({ state: { data, error } }) => {
      if (error instanceof Problem) return every(LOOK_MS)(); // such as that there is none
      return !data || (isMoving(data) && isRecent(data)) ? FOLLOW_MS : every(LOOK_MS)();
    },
  });

function isRecent({ state, updated_at }: ChangeSet): boolean {
  return state === "running" || Date.now() - Date.parse(updated_at) < SETTLED_MS;
}

export const itemsQuery = (id: string, verdict: Verdict | undefined, limit: number, cursor?: string) =>
  queryOptions({
    queryKey: ["change-sets", id, "items", { verdict, limit, cursor }],
    queryFn: ({ signal }) =>
      ask(
        api.GET("/api/v1/change-sets/{change_set}/items", {
          params: { path: { change_set: id }, query: { verdict, limit, cursor } },
          signal,
        }),
      ),
    refetchInterval: every(LOOK_MS),
  });

/** Begins something with many tasks. The same `id` again begins nothing twice, whatever became of the answer. */
export async function beginBulk(body: BulkActionInput & { id: string }): Promise<ChangeSet> {
  return (await ask(api.POST("/api/v1/bulk-actions", { body }))) as ChangeSet;
}

/** Counts what it would be about, and changes nothing. */
export async function countBulk(body: BulkActionInput, signal: AbortSignal): Promise<BulkCount> {
  return (await ask(
    api.POST("/api/v1/bulk-actions", { body: { ...body, dry_run: true }, signal }),
  )) as BulkCount;
}

const path = (id: string) => ({ params: { path: { change_set: id } } });

export const cancelChangeSet = (id: string) =>
  ask(api.POST("/api/v1/change-sets/{change_set}/cancel", path(id)));
export const resumeChangeSet = (id: string) =>
  ask(api.POST("/api/v1/change-sets/{change_set}/resume", path(id)));
export const undoChangeSet = (id: string) => ask(api.POST("/api/v1/change-sets/{change_set}/undo", path(id)));
