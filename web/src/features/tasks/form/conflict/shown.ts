/** PURE. The value of a part of a task in lines, for people. */

import { writeExact } from "@/lib/exactJson";
import { isObject } from "../http/httpCall";

export function linesOf(value: unknown): string[] {
  if (isNothing(value)) return ["as usual"];
  if (!isObject(value)) return inWords(value).split("\n");
  return Object.entries(value).flatMap(([name, inner]) => {
    if (inner === undefined) return [];
    const [first = "", ...more] = inWords(inner).split("\n");
    return [`${name}: ${first}`, ...more];
  });
}

/** The lines, and which of them the value before has not. */
export function changedLines(value: unknown, before: unknown): { line: string; isNew: boolean }[] {
  const known = linesOf(before);
  return linesOf(value).map((line) => ({ line, isNew: !known.includes(line) }));
}

function isNothing(value: unknown): boolean {
  return value === undefined || value === "" || (Array.isArray(value) && value.length === 0);
}

function inWords(value: unknown): string {
  if (typeof value === "string") return value;
  if (value === null) return "nothing";
  if (Array.isArray(value) && value.every((one) => typeof one === "string")) return value.join(", ");
  return writeExact(value, 2);
}
