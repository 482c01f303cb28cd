const INDENT = "  ";

/**
 * JSON indented, else the text as it is. Every digit and escape stays as it came: numbers that a browser can't hold are
 * not rounded.
 */
export function prettyJson(text: string): string {
  if (!isJson(text)) return text;
  let depth = 0;
  return text.replaceAll(/"(?:[^"\\]|\\.)*"|[{[]\s*[}\]]|[{}[\],:]|\s+/g, (token) => {
    if (token.startsWith('"')) return token;
    if (token.length > 1 && /^[{[]/.test(token)) return token.charAt(0) + token.charAt(token.length - 1);
    if (token.trim() === "") return "";
    if (token === ":") return ": ";
    if (token === ",") return `,\n${INDENT.repeat(depth)}`;
    if (token === "{" || token === "[") return `${token}\n${INDENT.repeat(++depth)}`;
    return `\n${INDENT.repeat(--depth)}${token}`;
  });
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
