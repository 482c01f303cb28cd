import { Exact, numberOf, readExact, writeExact } from "@/lib/exactJson";

/** The payload of `http` as its form sees it: every field is read from the JSON and written back into it. */

export type Call = Readonly<Record<string, unknown>>;

/** The call that a payload's text describes; null when it is no JSON object, and only JSON can show it. */
export function callOf(text: string): Call | null {
  if (!text.trim()) return {};
  try {
    const found = readExact(text);
    return isObject(found) ? found : null;
  } catch {
    return null;
  }
}

export function textOf(call: Call): string {
  return Object.keys(call).length > 0 ? writeExact(call, 2) : "";
}

/** What stands at a path such as `auth.basic.user`; undefined when nothing does. */
export function valueAt(call: Call, path: string): unknown {
  return path
    .split(".")
    .reduce<unknown>((within, name) => (isObject(within) ? within[name] : undefined), call);
}

/** The call with another value at the path. Undefined takes it out, and with it the objects that it leaves empty. */
export function withValue(call: Call, path: string, value: unknown): Call {
  const [name = "", ...rest] = path.split(".");
  const inner = call[name];
  const next = rest.length > 0 ? withValue(isObject(inner) ? inner : {}, rest.join("."), value) : value;
  const { [name]: _, ...others } = call;
  const isGone = next === undefined || (rest.length > 0 && Object.keys(next as Call).length === 0);
  return isGone ? others : { ...call, [name]: next };
}

/** Headers, one a line: `Name: value`. */
export function headerText(headers: unknown): string {
  if (!isObject(headers)) return "";
  return Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}`)
    .join("\n");
}

/** What is typed so. A name that is repeated has all of its values, as a message has them (RFC 9110, 5.3). */
export function headersIn(text: string): Call | undefined {
  const found = new Map<string, { name: string; values: string[] }>();
  for (const line of text.split("\n").filter((line) => line.trim())) {
    const [typed = "", ...rest] = line.split(":");
    const [name, value] = [typed.trim(), rest.join(":").trim()];
    const known = found.get(name.toLowerCase()) ?? { name, values: [] };
    found.set(name.toLowerCase(), { ...known, values: [...known.values, value] });
  }
  if (found.size === 0) return undefined;
  return Object.fromEntries([...found.values()].map(({ name, values }) => [name, values.join(", ")]));
}

/** A body, or data: JSON where it is JSON, else the text itself. */
export function jsonOrText(text: string): unknown {
  if (!text.trim()) return undefined;
  try {
    return readExact(text) ?? undefined;
  } catch {
    return text;
  }
}

export function shownJson(value: unknown): string {
  if (value === undefined || value === null) return "";
  return typeof value === "string" ? value : writeExact(value, 2);
}

/** Statuses and classes of them, such as `2xx, 404`. */
export function listed(value: unknown): string {
  return Array.isArray(value) ? value.join(", ") : shownJson(value);
}

export function listIn(text: string): unknown[] | undefined {
  const found = text.split(/[\s,]+/).filter(Boolean);
  if (found.length === 0) return undefined;
  return found.map((one) => (/^\d+$/.test(one) ? numberOf(one) : one));
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Exact);
}
