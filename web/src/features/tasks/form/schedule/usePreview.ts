import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Problem, textOf } from "@/lib/problem";
import type { Preview, Schedule } from "@/lib/task";
import { previewQuery } from "../../preview";
import type { Draft } from "../draft";
import { errorsByField, type FieldErrors, NO_ERRORS } from "../pointers";
import { scheduleOf } from "./schedule";

export type SchedulePreviewState = {
  /** What the server says; null while there is nothing to ask about, and while what is typed is wrong. */
  data: Preview | null;
  /** What it says that of. */
  schedule: Schedule | null;
  /** It belongs to what was typed a moment ago. */
  isOld: boolean;
  errors: FieldErrors;
};

/** The server's reading of a schedule while it is being typed. */
export function usePreview(draft: Draft): SchedulePreviewState {
  const typed = JSON.stringify({ schedule: scheduleOf(draft), task_id: draft.id.trim() || undefined });
  const [settled] = useDebouncedValue(typed, 300);
  const { schedule, task_id } = JSON.parse(settled) as { schedule: Schedule | null; task_id?: string };
  const { data, error, isPlaceholderData } = useQuery({
    ...previewQuery({ schedule: schedule ?? { cron: "" }, task_id, count: 10 }),
    enabled: schedule !== null,
    placeholderData: keepPreviousData,
  });
  const isOld = typed !== settled || isPlaceholderData;
  if (schedule === null) return { data: null, schedule, isOld: false, errors: NO_ERRORS };
  if (!error) return { data: data ?? null, schedule, isOld, errors: NO_ERRORS };
  const errors = error instanceof Problem ? error.errors : [];
  const found = errorsByField(errors, draft);
  // An error about what was typed a moment ago would only get in the way of the next key.
  const { fields, suggestions } = isOld ? NO_ERRORS : found;
  const rest = errors.length > 0 ? found.rest : [textOf(error)];
  return { data: null, schedule, isOld, errors: { fields, suggestions, rest } };
}
