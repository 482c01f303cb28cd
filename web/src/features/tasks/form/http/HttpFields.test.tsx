import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { HttpResponse } from "msw";
import { beforeEach, expect, it } from "vitest";
import { open } from "@/testing/open";
import { aTask } from "@/testing/samples";
import { problem, record, type Seen } from "@/testing/server";

const payload = {
  url: "https://example.com/{{ nominal_at.date }}",
  headers: { Authorization: "Bearer secret://shop" },
  body: { order: 42 },
  expect: ["2xx", 409],
  colour: { of: "another release" },
};
let saved: Seen[] = [];

beforeEach(() => {
  record("post", "/schedules/preview", () => HttpResponse.json({ description: "x", next: [], notes: [] }));
  record("get", "/handlers", () =>
    HttpResponse.json({ items: [{ name: "http", description: "Calls.", payload_schema: {} }] }),
  );
  record("get", "/runs", () => HttpResponse.json({ items: [], next_cursor: null }));
  record("get", "/tasks/:id", () => HttpResponse.json(aTask({ handler: "http", payload })));
  saved = record("put", "/tasks/:id", () => HttpResponse.json(aTask()));
});

const set = (label: string, value: string) =>
  fireEvent.change(screen.getByLabelText(label), { target: { value } });
const sent = () => (saved.at(-1)?.body as { payload: unknown } | undefined)?.payload;

async function edit() {
  const opened = open("/tasks/daily-report/edit");
  await screen.findByLabelText("Headers");
  const save = () => opened.person.click(screen.getByRole("button", { name: "Save" }));
  return { ...opened, save };
}

it("shows a call by its fields, and saves it as it was when nothing is changed", async () => {
  const { save } = await edit();
  expect(screen.getByLabelText("Headers")).toHaveValue("Authorization: Bearer secret://shop");
  expect(screen.getByLabelText("Body")).toHaveValue('{\n  "order": 42\n}');
  expect(screen.getByLabelText("Answers that are a success")).toHaveValue("2xx, 409");
  await save();
  await waitFor(() => expect(sent()).toEqual(payload));
});

it("changes the fields that it has and keeps the rest", async () => {
  const { person, save } = await edit();
  set("URL", "https://example.org/");
  set("Method", "PUT");
  set("Headers", "Accept: text/plain\nX-Run: {{ run_id }}");
  set("Body", '{"broken": ');
  expect(screen.getByText(/begins like JSON and is not/)).toBeInTheDocument();
  set("Body", "plain {{ payload.customer }}");
  expect(screen.getByText("It goes out as plain text.")).toBeInTheDocument();
  set("Data", '{"customer": "ACME"}');
  set("Answers that are a success", "");
  await person.click(screen.getByRole("switch", { name: /Its end is reported later/ }));
  set("Wait for the report", "90");
  set("Wait for the report: unit", "M");
  await save();
  await waitFor(() =>
    expect(sent()).toEqual({
      ...{ url: "https://example.org/", method: "PUT", body: "plain {{ payload.customer }}" },
      headers: { Accept: "text/plain", "X-Run": "{{ run_id }}" },
      ...{ data: { customer: "ACME" }, callback: { timeout: "PT90M" }, colour: payload.colour },
    }),
  );
});

it("is one with the JSON, whichever is edited", async () => {
  const { person } = await edit();
  set("URL", "https://example.org/");
  await person.click(screen.getByRole("radio", { name: "JSON" }));
  expect(JSON.parse((screen.getByLabelText("Payload") as HTMLTextAreaElement).value)).toEqual({
    ...payload,
    url: "https://example.org/",
  });
  set("Payload", "[1]");
  await person.click(screen.getByRole("radio", { name: "Fields" }));
  expect(screen.getByText(/it has no fields/)).toBeInTheDocument();
  await person.click(screen.getByRole("radio", { name: "JSON" }));
  set("Payload", '{"url": "https://example.net/"}');
  await person.click(screen.getByRole("radio", { name: "Fields" }));
  expect(screen.getByLabelText("URL")).toHaveValue("https://example.net/");
});

it("shows what is wrong beside the field of the call, until that is changed", async () => {
  record("put", "/tasks/:id", () =>
    problem(422, "no", [
      { pointer: "/payload/headers/Host", message: "is Tasker's own" },
      { pointer: "/payload/colour", message: "unknown field; remove it" },
    ]),
  );
  const { save } = await edit();
  await save();
  const headers = screen.getByLabelText("Headers");
  await waitFor(() => expect(headers).toHaveAccessibleDescription(/Host: is Tasker's own/));
  expect(headers).toHaveFocus();
  expect(screen.getByRole("alert")).toHaveTextContent("colour: unknown field");
  set("Headers", "Accept: text/plain");
  expect(headers).toBeValid();
});

it("lists the names that can be filled in", async () => {
  await edit();
  expect(screen.getByText("{{ callback_url }}")).toBeInTheDocument();
  expect(screen.getByText("{{ after.… }}")).toBeInTheDocument();
});

it("takes secrets by reference only, of the kind that is chosen", async () => {
  const { save } = await edit();
  set("Who is calling", "basic");
  set("User", "me");
  set("Password", "secret://shop-password");
  set("Who is calling", "oauth2");
  set("Token URL", "https://login.example.com/token");
  set("Client id", "tasker");
  set("Client secret", "secret://client");
  set("Signature keys", "secret://new, secret://old");
  set("Authority of the server's certificate", "secret://own-ca");
  set("Proxy", "http://proxy.example.com:3128");
  await save();
  const oauth2 = { token_url: "https://login.example.com/token", client_id: "tasker" };
  await waitFor(() =>
    expect(sent()).toEqual({
      ...payload,
      auth: { oauth2: { ...oauth2, client_secret: "secret://client" } },
      sign: { secrets: ["secret://new", "secret://old"] },
      ...{ tls: { ca: "secret://own-ca" }, proxy: "http://proxy.example.com:3128" },
    }),
  );
});

it("expects of the body what is said there, and takes a condition away", async () => {
  const { person, save } = await edit();
  const condition = (n: number) => within(screen.getByRole("group", { name: `Condition ${n}` }));
  const add = () => person.click(screen.getByRole("button", { name: "Expect something of the body" }));
  const change = (n: number, label: string, value: string) =>
    fireEvent.change(condition(n).getByLabelText(label), { target: { value } });
  await add();
  change(1, "Value", "done");
  await add();
  change(2, "What stands at", "/state");
  change(2, "Condition", "equals");
  change(2, "Value", "7");
  await add();
  await person.click(condition(1).getByRole("button", { name: "Remove condition 1" }));
  change(2, "Value", "error");
  change(2, "Condition", "lacks");
  await save();
  await waitFor(() =>
    expect(sent()).toEqual({
      ...payload,
      expect_body: [{ pointer: "/state", equals: 7 }, { lacks: "error" }],
    }),
  );
});
