import { fireEvent, screen, waitFor } from "@testing-library/react";
import { HttpResponse } from "msw";
import { beforeEach, expect, it } from "vitest";
import { open } from "@/testing/open";
import { aTask } from "@/testing/samples";
import { problem, record, type Seen } from "@/testing/server";

const schema = {
  type: "object",
  properties: {
    to: { type: "string", description: "Whom to tell." },
    size: { type: "integer", default: 5 },
    urgent: { type: "boolean" },
    level: { enum: ["low", "high"] },
    parts: { type: "array" },
  },
  required: ["to"],
};
const payload = { to: "ops", size: 12, parts: [{ a: 1 }], colour: "of another release" };
let saved: Seen[] = [];

beforeEach(() => {
  record("post", "/schedules/preview", () => HttpResponse.json({ description: "x", next: [], notes: [] }));
  record("get", "/handlers", () =>
    HttpResponse.json({
      items: [
        { name: "tell", description: "Tells.", payload_schema: schema },
        { name: "default", description: "Prints.", payload_schema: {} },
      ],
    }),
  );
  record("get", "/runs", () => HttpResponse.json({ items: [], next_cursor: null }));
  record("get", "/tasks/:id", () => HttpResponse.json(aTask({ handler: "tell", payload })));
  saved = record("put", "/tasks/:id", () => HttpResponse.json(aTask()));
});

const set = (label: string, value: string) =>
  fireEvent.change(screen.getByLabelText(label), { target: { value } });
const field = (name: string) => screen.getByLabelText(new RegExp(`^${name}( \\*)?$`));
const save = () => fireEvent.click(screen.getByText("Save"));
const sent = () => (saved.at(-1)?.body as { payload: unknown } | undefined)?.payload;
const look = (view: "Fields" | "JSON") => fireEvent.click(screen.getByLabelText(view));

async function edit() {
  open("/tasks/daily-report/edit");
  await screen.findByLabelText("JSON");
}

it("has fields for the simple properties that a handler announces, and keeps all others", async () => {
  await edit();
  expect(field("to")).toHaveValue("ops");
  expect(field("to")).toHaveAttribute("aria-required", "true");
  expect(field("to")).toHaveAccessibleDescription(/Whom to tell/);
  expect(screen.getByLabelText("size")).toHaveAccessibleDescription(/Left empty: 5/);
  expect(screen.getByText("parts, colour")).toBeInTheDocument();
  fireEvent.change(field("to"), { target: { value: "all" } });
  set("size", "7");
  set("urgent", "true");
  set("level", '"high"');
  save();
  await waitFor(() =>
    expect(sent()).toEqual({ ...payload, to: "all", size: 7, urgent: true, level: "high" }),
  );
});

it("goes to JSON and back without losing anything", async () => {
  await edit();
  look("JSON");
  expect(JSON.parse((screen.getByLabelText("Payload") as HTMLTextAreaElement).value)).toEqual(payload);
  set("Payload", '{"to": 5, "size": "many", "parts": []}');
  look("Fields");
  // What is no text has no field: it would become one.
  expect(screen.queryByLabelText(/^to( \*)?$/)).toBeNull();
  expect(screen.getByText("to, parts")).toBeInTheDocument();
  expect(screen.getByLabelText("size")).toHaveValue("many");
  set("urgent", "false");
  save();
  await waitFor(() => expect(sent()).toEqual({ to: 5, size: "many", parts: [], urgent: false }));
  look("JSON");
  set("Payload", '["no", "object"]');
  look("Fields");
  expect(screen.getByText(/it has no fields: mend it as JSON/)).toBeInTheDocument();
  expect(screen.getByLabelText("Payload")).toHaveValue('["no", "object"]');
});

it("shows the server's errors at their fields, the others above them, and in JSON with their lines", async () => {
  record("put", "/tasks/:id", () =>
    problem(422, "no", [
      { pointer: "/payload/to", message: "nobody of that name" },
      { pointer: "/payload/parts/0", message: "has no b" },
    ]),
  );
  await edit();
  save();
  await waitFor(() => expect(field("to")).toHaveAccessibleDescription(/nobody of that name/));
  expect(field("to")).toHaveFocus();
  expect(screen.getByText("parts: 0: has no b")).toBeInTheDocument();
  look("JSON");
  expect(screen.getByLabelText("Payload")).toHaveAccessibleDescription(/line 2, to: nobody of that name/);
  save();
  await waitFor(() =>
    expect(screen.getByLabelText("Payload")).toHaveAccessibleDescription(/line 5, parts\/0: has no b/),
  );
  set("Payload", '{"to": "ops"}');
  expect(screen.getByLabelText("Payload")).toBeValid();
});

it("reads JSON while it is typed, says where it goes wrong, and sets it out on request", async () => {
  await edit();
  set("Handler", "default");
  set("Payload", '{"a": 1,\n "b": }');
  expect(screen.getByLabelText("Payload")).toHaveAccessibleDescription(
    /not JSON yet: line 2, column 7: a value/,
  );
  expect(screen.queryByText("Set it out in lines")).toBeNull();
  set("Payload", '{"a":1,"b":12345678901234567890}');
  fireEvent.click(screen.getByText("Set it out in lines"));
  expect(screen.getByLabelText("Payload")).toHaveValue('{\n  "a": 1,\n  "b": 12345678901234567890\n}');
  expect(screen.getByLabelText("Payload")).toHaveFocus();
});
