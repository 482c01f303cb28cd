/** PURE. How to find one's way in a JSON Schema, which may be anybody's. */

export type Schema = Record<string, unknown>;

/** So deep forms and references are followed: they may go round. */
export const DEEP = 8;

/** The schema itself or, of several forms, the first that is an object with named fields. */
export function objectIn(schema: unknown, root: Schema, depth: number): Schema | null {
  const found = resolved(schema, root, depth);
  if (!found || depth === 0) return null;
  if (isObject(found.properties)) return found;
  for (const form of forms(found)) {
    const inner = objectIn(form, root, depth - 1);
    if (inner) return inner;
  }
  return null;
}

/** The schema, or what it refers to. */
export function resolved(schema: unknown, root: Schema, depth: number): Schema | null {
  if (!isObject(schema)) return null;
  const ref = text(schema.$ref);
  if (!ref) return schema;
  if (depth === 0 || !ref.startsWith("#/")) return null;
  let found: unknown = root;
  for (const part of ref.slice(2).split("/")) {
    if (!isObject(found)) return null;
    found = found[part.replaceAll("~1", "/").replaceAll("~0", "~")];
  }
  return resolved(found, root, depth - 1);
}

/** The forms of which one or any is taken. */
export function forms(schema: Schema): unknown[] {
  return [schema.anyOf, schema.oneOf].flatMap((some) => (Array.isArray(some) ? some : []));
}

export function isObject(value: unknown): value is Schema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

export function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];
}

export function firstParagraph(words: string): string {
  return (words.split(/\n\s*\n/)[0] ?? "").replaceAll(/\s+/g, " ").trim();
}
