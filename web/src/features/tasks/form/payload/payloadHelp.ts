/** What a payload's JSON Schema says, as far as a person needs it to type one. Schemas may be anybody's. */

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

export type Field = { name: string; kind: string; isRequired: boolean; about: string };
export type Help = {
  /** What the schema says of the payload as a whole. */
  about: string;
  /** "object", "text", … where the payload is no object with known fields. */
  kind: string;
  fields: Field[];
  /** The least that is valid in form: every required field, empty. Null: there is nothing to begin with. */
  start: string | null;
};

export function payloadHelp(schema: unknown): Help | null {
  if (!isObject(schema) || Object.keys(schema).length === 0) return null;
  const whole = objectIn(schema, schema, DEEP);
  const about = firstParagraph(text(whole?.description) || text(schema.description));
  if (!whole) return { about, kind: kindOf(schema, schema, DEEP), fields: [], start: null };
  const required = strings(whole.required);
  const fields = Object.entries(isObject(whole.properties) ? whole.properties : {}).map(([name, part]) => ({
    name,
    kind: kindOf(part, schema, DEEP),
    isRequired: required.includes(name),
    about: isObject(part) ? firstParagraph(text(part.description)) : "",
  }));
  const start = Object.fromEntries(required.map((name) => [name, emptyOf(name, fields)]));
  return {
    about,
    kind: "object",
    fields,
    start: required.length > 0 ? JSON.stringify(start, null, 2) : null,
  };
}

function kindOf(schema: unknown, root: Schema, depth: number): string {
  const found = resolved(schema, root, depth);
  if (!found || depth === 0) return "any JSON";
  if (Array.isArray(found.enum)) return found.enum.map((value) => JSON.stringify(value)).join(" or ");
  if ("const" in found) return JSON.stringify(found.const);
  const several = forms(found)
    .map((form) => kindOf(form, root, depth - 1))
    .filter((kind) => kind !== "nothing");
  if (several.length > 0) return [...new Set(several)].join(" or ");
  const types = typeof found.type === "string" ? [found.type] : strings(found.type);
  const named = types.filter((type) => type !== "null").map((type) => kind(type, found, root, depth));
  if (types.length > 0) return named.join(" or ") || "nothing";
  return "any JSON";
}

function kind(type: string, schema: Schema, root: Schema, depth: number): string {
  if (type === "array") return `list of ${schema.items ? kindOf(schema.items, root, depth - 1) : "any JSON"}`;
  if (type === "string") return isUrl(schema) ? "URL" : "text";
  if (type === "integer") return "whole number";
  if (type === "boolean") return "true or false";
  return type;
}

/** A URL with templates in it is none by its format, only by how it must begin: with a scheme. */
function isUrl({ format, pattern }: Schema): boolean {
  return format === "uri" || /^\^.+:\/\/$/.test(text(pattern));
}

function emptyOf(name: string, fields: readonly Field[]): unknown {
  const kind = fields.find((field) => field.name === name)?.kind ?? "";
  if (kind === "object") return {};
  if (kind.startsWith("list of")) return [];
  if (kind === "any JSON") return null;
  return "";
}
