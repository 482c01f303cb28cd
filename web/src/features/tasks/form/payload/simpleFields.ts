/** PURE. The properties of a payload that have a field of their own, by the schema that its handler announced. */

import { Exact, numberOf, writeExact } from "@/lib/exactJson";
import {
  DEEP,
  firstParagraph,
  forms,
  isObject,
  objectIn,
  resolved,
  type Schema,
  strings,
  text,
} from "./schema";

export type SimpleField = {
  name: string;
  label: string;
  kind: "text" | "number" | "boolean" | "choice";
  /** What a choice is among. */
  values: readonly unknown[];
  isRequired: boolean;
  about: string;
  /** What holds where nothing is said, as JSON; empty: nothing. */
  usual: string;
};

export type SchemaForm = {
  fields: SimpleField[];
  /** The properties that only JSON can say. */
  others: string[];
};

/** Null: the schema names no property that is simple. */
export function schemaForm(schema: unknown): SchemaForm | null {
  if (!isObject(schema)) return null;
  const whole = objectIn(schema, schema, DEEP);
  if (!whole) return null;
  const required = strings(whole.required);
  const fields: SimpleField[] = [];
  const others: string[] = [];
  for (const [name, part] of Object.entries(isObject(whole.properties) ? whole.properties : {})) {
    const found = simple(part, schema);
    if (!found) {
      others.push(name);
      continue;
    }
    const usual = isObject(part) && part.default != null ? JSON.stringify(part.default) : "";
    const label = isObject(part) && !/^[a-z]/.test(text(part.title)) ? text(part.title) : "";
    const about = isObject(part) ? firstParagraph(text(part.description)) : "";
    fields.push({ name, label: label || name, isRequired: required.includes(name), about, usual, ...found });
  }
  return fields.length > 0 ? { fields, others } : null;
}

function simple(part: unknown, root: Schema): Pick<SimpleField, "kind" | "values"> | null {
  const found = resolved(part, root, DEEP);
  if (!found) return null;
  if (Array.isArray(found.enum)) {
    const values = found.enum.filter((value) => value !== null);
    return values.length > 0 && !values.some(isObject) ? { kind: "choice", values } : null;
  }
  // What may be null as well is simple: nothing typed is nothing said.
  const several = forms(found)
    .map((form) => resolved(form, root, DEEP))
    .filter((form) => form?.type !== "null");
  if (several.length === 1 && several[0] && !("anyOf" in several[0])) return simple(several[0], root);
  if (several.length > 0) return null;
  const types = typeof found.type === "string" ? [found.type] : strings(found.type);
  const named = types.filter((type) => type !== "null");
  const kind = named.length === 1 ? kinds[named[0] ?? ""] : undefined;
  return kind ? { kind, values: [] } : null;
}

const kinds: Record<string, SimpleField["kind"] | undefined> = {
  string: "text",
  number: "number",
  integer: "number",
  boolean: "boolean",
};

/** Whether a field can show a value without changing what it says. */
export function canShow({ kind, values }: SimpleField, value: unknown): boolean {
  if (value === undefined) return true;
  switch (kind) {
    case "text":
      return typeof value === "string";
    case "number": // what is typed and is no number yet is kept as a text
      return typeof value === "number" || typeof value === "string" || value instanceof Exact;
    case "boolean":
      return typeof value === "boolean";
    case "choice":
      return values.some((one) => JSON.stringify(one) === choiceOf(value));
  }
}

/** What is chosen, in JSON as the schema is read: 1.0 is its 1. */
export function choiceOf(value: unknown): string {
  return writeExact(value instanceof Exact ? numberOf(value.text) : value);
}

/** What is typed into the field of a number: the number, or the text that is none yet. */
export function numberIn(typed: string): unknown {
  if (!typed.trim()) return undefined;
  return Number.isFinite(Number(typed)) ? numberOf(typed.trim()) : typed;
}
