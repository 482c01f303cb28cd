import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Problem, textOf } from "@/lib/problem";
import type { Preview } from "@/lib/task";
import { previewQuery } from "../preview";
import { type Draft, scheduleOf } from "./draft";
import { errorsByField, type FieldErrors } from "./pointers";

export type SchedulePreviewState = {
  /** What the server says; null while there is nothing to ask about, and while what is typed is wrong. */
  data: Preview | null;
  /** It belongs to what was typed a moment ago. */
  isOld: boolean;
  errors: FieldErrors;
  /** What is wrong and belongs to no field. */
  rest: string[];
};

/** The server's reading of a schedule while it is being typed. */
export function usePreview(draft: Draft): SchedulePreviewState {
  const typed = JSON.stringify(scheduleOf(draft));
  const [settled] = useDebouncedValue(typed, 300);
  const schedule = JSON.parse(settled) as ReturnType<typeof scheduleOf>;
  const { data, error, isPlaceholderData } = useQuery({
    ...previewQuery({ schedule: schedule ?? { cron: "" }, count: 5 }),
    enabled: schedule !== null,
    placeholderData: keepPreviousData,
  });
  const isOld = typed !== settled || isPlaceholderData;
  if (schedule === null) return { data: null, isOld: false, errors: {}, rest: [] };
  if (!error) return { data: data ?? null, isOld, errors: {}, rest: [] };
  const errors = error instanceof Problem ? error.errors : [];
  const { fields, rest } = errorsByField(errors, draft);
  // An error about what was typed a moment ago would only get in the way of the next key.
  return { data: null, isOld, errors: isOld ? {} : fields, rest: errors.length > 0 ? rest : [textOf(error)] };
}
