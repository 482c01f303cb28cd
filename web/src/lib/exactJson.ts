/** PURE. JSON that is read, changed in places and written again without another digit: a browser rounds many numbers. */

/** A number that a browser would write otherwise than it is written: `9007199254740993`, `1.0`. */
export class Exact {
  constructor(readonly text: string) {}

  toString(): string {
    return this.text;
  }
}

/** A text or a number; the group is there for a text that is a name. */
const TOKEN = /"(?:[^"\\]|\\.)*"(\s*:)?|-?\d[\d.eE+-]*/g;
/** What is put before each text on its way through the browser's own JSON, so that numbers can go through as texts. */
const [OF_TEXT, OF_NUMBER] = ["t", "n"];

/** As `JSON.parse`, with `Exact` in the place of numbers that would not be written again as they are. Throws what that does. */
export function readExact(text: string): unknown {
  JSON.parse(text);
  const marked = text.replace(TOKEN, (token, colon?: string) => {
    if (colon !== undefined) return token;
    if (token.startsWith('"')) return `"${OF_TEXT}${token.slice(1)}`;
    return String(Number(token)) === token ? token : `"${OF_NUMBER}${token}"`;
  });
  return JSON.parse(marked, (_, value) => {
    if (typeof value !== "string") return value;
    return value.startsWith(OF_NUMBER) ? new Exact(value.slice(1)) : value.slice(1);
  });
}

/** As `JSON.stringify`, with every number of `readExact` as it was written; empty for undefined. */
export function writeExact(value: unknown, space?: number): string {
  const mark = (_: string, inner: unknown) => {
    if (inner instanceof Exact) return OF_NUMBER + inner.text;
    return typeof inner === "string" ? OF_TEXT + inner : inner;
  };
  const marked: string | undefined = JSON.stringify(value, mark, space);
  return (marked ?? "").replace(TOKEN, (token, colon?: string) => {
    if (colon !== undefined || !token.startsWith('"')) return token;
    return token.startsWith(OF_NUMBER, 1) ? token.slice(2, -1) : `"${token.slice(2)}`;
  });
}

const NUMBER = /^(-?)(0|[1-9]\d*)(?:\.(\d+))?(?:e([+-]?\d+))?$/i;

/** The number that a text is, however it is spelled; exact only where a browser would take another one for it. */
export function numberOf(text: string): number | Exact {
  const found = Number(text);
  return !NUMBER.test(text) || worth(text) === worth(String(found)) ? found : new Exact(text);
}

/** The same for 150, 150.0 and 1.5e2. */
function worth(number: string): string {
  const [, sign = "", whole = "", part = "", power = "0"] = NUMBER.exec(number) ?? [];
  const digits = (whole + part).replace(/^0+/, "");
  const bare = digits.replace(/0+$/, "");
  return bare ? `${sign}${bare}e${Number(power) - part.length + digits.length - bare.length}` : "0";
}
