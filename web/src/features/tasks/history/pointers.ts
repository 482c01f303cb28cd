import { writeExact } from "@/lib/exactJson";

/** A JSON pointer as people read it: "schedule › cron"; the whole where it points at no part. */
export function placeInWords(pointer: string): string {
  const names = pointer.split("/").slice(1);
  return names.map((name) => name.replaceAll("~1", "/").replaceAll("~0", "~")).join(" › ") || "the whole";
}

const SHORT = 60;

/** A value on one line where it fits there, else over several; a text of several lines as it is. */
export function valueInWords(value: unknown): string {
  if (typeof value === "string" && value.includes("\n")) return value;
  const line = writeExact(value);
  return line.length <= SHORT ? line : writeExact(value, 2);
}
