import { expect, it } from "vitest";
import { payloadHelp } from "./payloadHelp";

const call = {
  $defs: { Any: {}, Sign: { type: "object", properties: {} } },
  description: "A request.\n\nMore of it.",
  properties: {
    url: { type: "string", format: "uri", description: "Whom\nto call." },
    body: { $ref: "#/$defs/Any" },
    redirects: { enum: ["refuse", "follow"], type: "string" },
    expect: { type: "array", items: { anyOf: [{ type: "integer" }, { type: "string" }] } },
    sign: { anyOf: [{ $ref: "#/$defs/Sign" }, { type: "null" }] },
  },
  required: ["url"],
  type: "object",
};

it("lists the fields of an object, what they take, and what it needs", () => {
  const help = payloadHelp(call);
  expect(help?.about).toBe("A request.");
  expect(help?.fields).toEqual([
    { name: "url", kind: "URL", isRequired: true, about: "Whom to call." },
    { name: "body", kind: "any JSON", isRequired: false, about: "" },
    { name: "redirects", kind: '"refuse" or "follow"', isRequired: false, about: "" },
    { name: "expect", kind: "list of whole number or text", isRequired: false, about: "" },
    { name: "sign", kind: "object", isRequired: false, about: "" },
  ]);
  expect(JSON.parse(help?.start ?? "")).toEqual({ url: "" });
});

it.each([
  ["^[Hh][Tt][Tt][Pp][Ss]?://", "URL"],
  ["^([Hh][Tt][Tt][Pp][Ss]?|secret)://", "URL"],
  ["^[a-z]+$", "text"],
])("knows a URL by how it must begin, where templates may be in it: %s", (pattern, kind) => {
  const url = { type: "string", pattern };
  expect(payloadHelp({ properties: { url } })?.fields[0]?.kind).toBe(kind);
});

it("finds the object among several forms, and says what else is taken", () => {
  expect(payloadHelp({ anyOf: [{ type: "string" }, call] })?.fields[0]?.name).toBe("url");
  expect(payloadHelp({ type: ["string", "null"] })).toMatchObject({ kind: "text", fields: [], start: null });
});

it("has nothing to say where anything goes, and bears what makes no sense", () => {
  for (const schema of [{}, null, true, "x", []]) expect(payloadHelp(schema)).toBeNull();
  const endless = { $ref: "#/$defs/A", $defs: { A: { $ref: "#/$defs/A" } } };
  expect(payloadHelp(endless)?.kind).toBe("any JSON");
  expect(payloadHelp({ properties: 7, anyOf: "x", type: 1, required: 2 })?.kind).toBe("any JSON");
  const nested: Record<string, unknown> = { type: "array" };
  nested.items = nested;
  expect(payloadHelp(nested)?.kind).toContain("list of list of");
});
