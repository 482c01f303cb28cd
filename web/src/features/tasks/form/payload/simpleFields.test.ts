import { expect, it } from "vitest";
import { Exact } from "@/lib/exactJson";
import { canShow, numberIn, type SimpleField, schemaForm } from "./simpleFields";

const schema = {
  $defs: { Level: { enum: ["low", "high"], type: "string" } },
  properties: {
    to: { type: "string", title: "To", description: "Whom\nto tell." },
    size: { type: "integer", default: 5 },
    share: { anyOf: [{ type: "number" }, { type: "null" }], default: null },
    urgent: { type: ["boolean", "null"] },
    level: { $ref: "#/$defs/Level" },
    mixed: { anyOf: [{ type: "string" }, { type: "number" }] },
    list: { type: "array", items: { type: "string" } },
    deep: { type: "object", properties: {} },
    any: {},
  },
  required: ["to", "level"],
};

it("finds the simple properties and names the others", () => {
  const form = schemaForm(schema);
  expect(form?.others).toEqual(["mixed", "list", "deep", "any"]);
  expect(form?.fields).toEqual([
    ...[
      {
        name: "to",
        label: "To",
        kind: "text",
        values: [],
        isRequired: true,
        about: "Whom to tell.",
        usual: "",
      },
    ],
    ...[
      { name: "size", label: "size", kind: "number", values: [], isRequired: false, about: "", usual: "5" },
    ],
    ...[
      { name: "share", label: "share", kind: "number", values: [], isRequired: false, about: "", usual: "" },
    ],
    ...[
      {
        name: "urgent",
        label: "urgent",
        kind: "boolean",
        values: [],
        isRequired: false,
        about: "",
        usual: "",
      },
    ],
    ...[
      {
        ...{ name: "level", label: "level", kind: "choice", values: ["low", "high"] },
        ...{ isRequired: true, about: "", usual: "" },
      },
    ],
  ]);
});

it.each([
  ...[
    {},
    null,
    true,
    "x",
    [],
    { properties: 7 },
    { type: "string" },
    { properties: { a: { type: "array" } } },
  ],
  { properties: { a: { $ref: "#/properties/a" } } },
  { properties: { a: { anyOf: [{ anyOf: [{ type: "string" }] }] } } },
])("has no fields for %j", (none) => expect(schemaForm(none)).toBeNull());

it.each<[Partial<SimpleField>, unknown, boolean]>([
  [{ kind: "text" }, undefined, true],
  [{ kind: "text" }, 5, false],
  [{ kind: "text" }, null, false],
  [{ kind: "number" }, 5, true],
  [{ kind: "number" }, "5x", true],
  [{ kind: "number" }, [5], false],
  [{ kind: "boolean" }, "true", false],
  [{ kind: "choice", values: ["a", 1] }, 1, true],
  [{ kind: "choice", values: ["a", 1] }, "1", false],
  [{ kind: "choice", values: ["a", 1] }, new Exact("1.0"), true],
  [{ kind: "choice", values: [2 ** 53] }, new Exact("9007199254740993"), false],
  [{ kind: "number" }, new Exact("9007199254740993"), true],
  [{ kind: "text" }, new Exact("9007199254740993"), false],
])("shows with %j the value %j: %s", (field, value, can) => {
  expect(canShow({ values: [], ...field } as SimpleField, value)).toBe(can);
});

it("reads numbers, and keeps what is none yet", () => {
  expect([" ", "5", "1.50", "-", "5x", "1e999", " 9007199254740993"].map(numberIn)).toEqual([
    undefined,
    5,
    1.5,
    "-",
    "5x",
    "1e999",
    new Exact("9007199254740993"),
  ]);
});
