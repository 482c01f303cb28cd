import { api, ask } from "@/lib/api";
import type { ChangeSet, ImportPlan } from "@/lib/changeSets/changeSet";
import { readExact } from "@/lib/exactJson";
import type { TaskFilters } from "../list/filters";

/** The formats of files of tasks, with their media types and the endings of their names. */
export const FORMATS = {
  json: { word: "JSON", type: "application/json", endings: ["json"] },
  ndjson: { word: "NDJSON, a task a line", type: "application/x-ndjson", endings: ["ndjson", "jsonl"] },
  yaml: { word: "YAML", type: "application/yaml", endings: ["yaml", "yml"] },
  crontab: { word: "crontab", type: "text/x-crontab", endings: ["crontab", "cron", "txt"] },
} as const;
export type Format = keyof typeof FORMATS;
export const FORMAT_NAMES = Object.keys(FORMATS) as Format[];

/** So much of a file is read at most, in bytes. */
export const MAX_BYTES = 64 * 1024 * 1024;

/** Where the tasks that pass the filters of the list can be had as a file. */
export function exportAddress(filters: TaskFilters, format: Format): string {
  const { q, state, handler, tag = [], last_outcome, min_failures, paused_by } = filters;
  const query = new URLSearchParams({ format });
  const given = { q, state, handler, last_outcome, min_failures, paused_by };
  for (const [name, value] of Object.entries(given)) if (value) query.append(name, String(value));
  for (const one of tag) query.append("tag", one);
  return `/api/v1/exports?${query}`;
}

/** What a file is, by the ending of its name, else by how it begins. */
export function formatOf(name: string, text: string): Format {
  const ending = name.split(".").at(-1)?.toLowerCase() ?? "";
  const named = FORMAT_NAMES.find((format) => FORMATS[format].endings.some((one) => one === ending));
  if (named) return named;
  const begin = text.trimStart();
  if (/^[[{]/.test(begin)) return /^\{.*\}\s*\n\s*\{/.test(begin) ? "ndjson" : "json";
  return /^(---|tasks:|- )/m.test(begin) ? "yaml" : "crontab";
}

/** What a crontab does not say. */
export type CrontabOptions = {
  form: "" | "user" | "system";
  timezone: string;
  handler: string;
  prefix: string;
  tag: string[];
};
export const noOptions: CrontabOptions = { form: "", timezone: "", handler: "", prefix: "", tag: [] };

/** A file that is to be imported: its bytes as they were when it was chosen. */
export type TaskFile = { content: ArrayBuffer | string; format: Format; options: CrontabOptions };

/** Answers with every digit of what an entry would change. */
async function post(
  file: TaskFile,
  query: { mode: "plan" | "apply"; plan?: string; invalid?: "skip"; id?: string; note?: string },
) {
  const { form, timezone, handler, prefix, tag } = file.options;
  const ofCrontab = {
    ...(form && { form }),
    ...(timezone.trim() && { timezone: timezone.trim() }),
    ...(handler && { handler }),
    ...(prefix.trim() && { prefix: prefix.trim() }),
    ...(tag.length > 0 && { tag }),
  };
  const json = await ask(
    api.POST("/api/v1/imports", {
      parseAs: "text",
      params: { query: { ...query, ...(file.format === "crontab" && ofCrontab) } },
      body: file.content as string,
      bodySerializer: (body) => body, // as it is, and not as JSON of it
      headers: { "Content-Type": FORMATS[file.format].type },
    }),
  );
  return readExact(json);
}

/** What an import would do. Changes nothing. */
export async function planImport(file: TaskFile): Promise<ImportPlan> {
  return (await post(file, { mode: "plan" })) as ImportPlan;
}

type Applied = { plan: string; id: string; skipsInvalid: boolean; note: string };

/** Does what was planned. The same `id` again does nothing twice. */
export async function applyImport(
  file: TaskFile,
  { plan, id, skipsInvalid, note }: Applied,
): Promise<ChangeSet> {
  return (await post(file, {
    ...{ mode: "apply", plan, id },
    ...(skipsInvalid && { invalid: "skip" }),
    ...(note.trim() && { note: note.trim() }),
  })) as ChangeSet;
}
