import { keepPreviousData, queryOptions, useQuery } from "@tanstack/react-query";
import { api, ask } from "@/lib/api";
import { Problem, textOf } from "@/lib/problem";
import type { Schedule } from "@/lib/task";
import type { Draft } from "../draft";
import { scheduleOf } from "../schedule/schedule";
import type { SchedulePreviewState } from "../schedule/usePreview";

type Wanted = { before: Schedule; after: Schedule; task_id: string };

/** So many changes are listed; all of them are counted. */
export const LISTED = 10;

/** What another schedule would change, as the server counts it. */
const diffQuery = (wanted: Wanted) =>
  queryOptions({
    queryKey: ["schedule-diff", wanted],
    queryFn: ({ signal }) =>
      ask(api.POST("/api/v1/schedules/diff", { body: { ...wanted, limit: LISTED }, signal })),
    retry: (failures, error) => !(error instanceof Problem) && failures < 1,
  });

export type ScheduleDiff = Awaited<ReturnType<NonNullable<ReturnType<typeof diffQuery>["queryFn"]>>>;
export type ChangedRun = ScheduleDiff["items"][number];

export type ScheduleDiffState = {
  data?: ScheduleDiff;
  /** It belongs to what was typed a moment ago. */
  isOld: boolean;
  /** Why there is none. */
  trouble?: string;
  onRetry: () => void;
};

/**
 * What the schedule that is typed would change for a task that is edited; null where there is nothing to compare: in a
 * new task, where the schedule is as it was, and where it is no schedule yet. `opened`: the draft before the edit.
 */
export function useScheduleDiff(opened: Draft, preview: SchedulePreviewState): ScheduleDiffState | null {
  const { schedule: after, data: read } = preview;
  const before = scheduleOf(opened);
  const isEdit = before !== null && after !== null && JSON.stringify(before) !== JSON.stringify(after);
  const nothing: Schedule = { manual: true };
  const { data, error, isPlaceholderData, refetch } = useQuery({
    ...diffQuery({ before: before ?? nothing, after: after ?? nothing, task_id: opened.id }),
    // What the preview refuses, this would refuse as well.
    enabled: isEdit && read !== null,
    placeholderData: keepPreviousData,
  });
  if (!isEdit || read === null) return null;
  return {
    data: error ? undefined : data,
    isOld: preview.isOld || isPlaceholderData,
    trouble: error ? textOf(error) : undefined,
    onRetry: () => void refetch(),
  };
}
