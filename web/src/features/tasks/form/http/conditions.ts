import { readExact, writeExact } from "@/lib/exactJson";
import { shownJson } from "./httpCall";

/** What must hold for the body of an answer: one of the words, of what stands at a JSON pointer or of the whole. */
export type Condition = Readonly<Record<string, unknown>>;

export const WORDS = ["contains", "lacks", "matches", "equals", "one_of", "exists"] as const;
export type Word = (typeof WORDS)[number];

export function conditionOf(condition: Condition): { pointer?: string; word: Word; value: unknown } {
  const word = WORDS.find((one) => one in condition) ?? "contains";
  const pointer = typeof condition.pointer === "string" ? condition.pointer : undefined;
  return { pointer, word, value: condition[word] };
}

export function withWord(pointer: string | undefined, word: Word, text: string): Condition {
  return { ...(pointer !== undefined && { pointer }), [word]: isOfText(word) ? text : jsonIn(text) };
}

export function writtenValue(word: Word, value: unknown): string {
  if (isOfText(word) || value === undefined) return shownJson(value);
  return typeof value === "string" && jsonIn(value) === value ? value : writeExact(value);
}

function isOfText(word: Word): boolean {
  return word === "contains" || word === "lacks" || word === "matches";
}

/** JSON where it is JSON, null too; else the text, of which the server says what is wrong with it. */
function jsonIn(text: string): unknown {
  try {
    return readExact(text);
  } catch {
    return text;
  }
}
