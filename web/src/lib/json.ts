/** PURE. JSON as it is typed: where it goes wrong, where its parts are, and how it is set out. */

export type JsonText = {
  /** Where it stops being JSON, counted from 0, and why; null: it is JSON. */
  problem: { at: number; message: string } | null;
  /** Where the value at each JSON pointer begins. */
  places: ReadonlyMap<string, number>;
  /** Where it ends. */
  ends: ReadonlyMap<string, number>;
};

class Wrong {
  constructor(
    readonly at: number,
    readonly message: string,
  ) {}
}

const BLANK = /[ \t\n\r]*/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /[\p{L}\p{N}_.+-]+/uy;
const PLAIN = /[^"\\\p{Cc}]*/uy;

export function readJson(text: string): JsonText {
  const places = new Map<string, number>();
  const ends = new Map<string, number>();
  let at = 0;

  function match(pattern: RegExp): string {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0] ?? "";
    at += found.length;
    return found;
  }
  function wrong(message: string): never {
    throw new Wrong(at, at < text.length ? message : `the text ends, but ${message}`);
  }
  function next(): string {
    match(BLANK);
    return text[at] ?? "";
  }

  function value(pointer: string) {
    const sign = next();
    places.set(pointer, at);
    part(pointer, sign);
    ends.set(pointer, at);
  }

  function part(pointer: string, sign: string) {
    if (sign === "{") return list(pointer, "}", member);
    if (sign === "[") return list(pointer, "]", (within, index) => value(`${within}/${index}`));
    if (sign === '"') return string();
    const number = match(NUMBER);
    if (number) return endOfNumber();
    const begin = at;
    const word = match(WORD);
    if (["true", "false", "null"].includes(word)) return;
    at = begin;
    if (sign === "'") wrong("a text stands in double quotes, not in single ones");
    wrong(word ? `${word} is no value: a text stands in double quotes` : "a value is expected here");
  }

  function endOfNumber() {
    // As in 007, 1.2.3 and 5px.
    if (match(WORD)) {
      at -= 1;
      wrong("this is no number; a text stands in double quotes");
    }
  }

  function list(pointer: string, end: string, one: (within: string, index: number) => void) {
    at += 1;
    if (next() === end) {
      at += 1;
      return;
    }
    for (let index = 0; ; index++) {
      one(pointer, index);
      const sign = next();
      if (sign !== "," && sign !== end) wrong(`a comma or ${end} is expected here`);
      at += 1;
      if (sign === end) return;
      if (next() === end) wrong("nothing comes after the comma: take it away");
    }
  }

  function member(pointer: string) {
    if (next() !== '"') wrong("a name in double quotes is expected here");
    const begin = at;
    string();
    const name = JSON.parse(text.slice(begin, at)) as string;
    if (next() !== ":") wrong("a colon is expected after the name");
    at += 1;
    value(`${pointer}/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`);
  }

  function string() {
    for (at += 1; ; ) {
      match(PLAIN);
      const sign = text[at];
      if (sign === '"') break;
      if (sign === undefined) wrong("a double quote is expected at the end of a text");
      if (sign === "\\") {
        if (!/^\\(?:["\\/bfnrt]|u[\da-fA-F]{4})/.test(text.slice(at, at + 6))) {
          wrong('a backslash begins one of \\n \\t \\" \\\\ \\u0000; for itself it is written twice');
        }
        at += 2;
      } else if (sign >= "\x7f") at += 1;
      else wrong("a text has no line breaks or tabs in it: write \\n or \\t");
    }
    at += 1;
  }

  try {
    value("");
    if (next()) wrong("nothing is expected after the end of the value");
  } catch (error) {
    if (!(error instanceof Wrong)) throw error;
    return { problem: { at: error.at, message: error.message }, places, ends };
  }
  return { problem: null, places, ends };
}

/** The value at a pointer as it is written, with every digit; null: there is none, or the text is no JSON. */
export function writtenAt(text: string, pointer: string): string | null {
  const { problem, places, ends } = readJson(text);
  return problem || !places.has(pointer) ? null : text.slice(places.get(pointer), ends.get(pointer));
}

/** What is wrong with a text that is to be JSON, with line and column; null: nothing. */
export function jsonProblem(text: string): string | null {
  const { problem } = readJson(text);
  return problem && `${placeInWords(text, problem.at)}: ${problem.message}.`;
}

export function placeInWords(text: string, at: number): string {
  const lines = text.slice(0, at).split("\n");
  return `line ${lines.length}, column ${(lines.at(-1)?.length ?? 0) + 1}`;
}

/** The line on which the value at a pointer begins; of one that is not there, that of what holds it. Null: it is no JSON. */
export function lineOf(text: string, pointer: string): number | null {
  const { places, problem } = readJson(text);
  if (problem) return null;
  const parts = pointer.split("/");
  for (let length = parts.length; length > 0; length--) {
    const at = places.get(parts.slice(0, length).join("/"));
    if (at !== undefined) return text.slice(0, at).split("\n").length;
  }
  return null;
}

/** JSON with a line for each part, and nothing else changed: numbers and texts stay as they were written. */
export function setOut(text: string): string {
  let depth = 0;
  let last = "";
  const line = (deep = depth) => `\n${"  ".repeat(deep)}`;
  const tokens = text.match(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g) ?? [];
  return tokens
    .map((token) => {
      const before = last;
      last = token;
      if (token === ":") return ": ";
      if (token === ",") return `,${line()}`;
      if (token === "{" || token === "[") {
        depth += 1;
        return `${within(before) ? line(depth - 1) : ""}${token}`;
      }
      if (token === "}" || token === "]") {
        depth -= 1;
        return within(before) ? token : `${line()}${token}`;
      }
      return within(before) ? `${line()}${token}` : token;
    })
    .join("");
}

/** Whether the token before opens a list: what comes first in it begins a line. */
function within(before: string): boolean {
  return before === "{" || before === "[";
}
