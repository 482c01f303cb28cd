import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { beforeEach, expect, it } from "vitest";
import { writtenAt } from "@/lib/json";
import { open } from "@/testing/open";
import { aTask } from "@/testing/samples";
import { problem, record, server } from "@/testing/server";

/** No browser holds this number: the nearest that it does ends in 2. */
const ACCOUNT = "9007199254740993";
let sent: string[] = [];

beforeEach(() => {
  sent = [];
  record("post", "/schedules/preview", () => HttpResponse.json({ description: "x", next: [], notes: [] }));
  record("get", "/runs", () => HttpResponse.json({ items: [], next_cursor: null }));
});

/** A task with a payload as it comes, digit by digit. */
function hold(handler: string, payload: string) {
  const text = JSON.stringify(aTask({ handler, payload: "HERE" })).replace('"HERE"', payload);
  const answer = () => new HttpResponse(text, { headers: { "content-type": "application/json" } });
  server.use(
    http.get("*/api/v1/tasks/daily-report", answer),
    http.put("*/api/v1/tasks/daily-report", async ({ request }) => {
      sent.push(await request.text());
      return answer();
    }),
  );
}

const set = (label: string, value: string) =>
  fireEvent.change(screen.getByLabelText(label), { target: { value } });

async function save() {
  fireEvent.click(screen.getByText("Save"));
  await waitFor(() => expect(sent).toHaveLength(1));
  return sent[0];
}

/** What is saved as the payload, without the blanks between its parts. */
async function payload() {
  return writtenAt((await save()) ?? "", "/payload")?.replaceAll(/\n\s*|(?<=:) /g, "");
}

it("saves another name without rounding the numbers of the payload", async () => {
  hold("default", `{"account":${ACCOUNT},"rate":1.0}`);
  open("/tasks/daily-report/edit");
  await screen.findByLabelText("Name");
  expect(screen.getByLabelText("Payload")).toHaveValue(`{\n  "account": ${ACCOUNT},\n  "rate": 1.0\n}`);
  set("Name", "Other");
  expect(await save()).toMatch(new RegExp(`"payload":\\{\\s*"account": ${ACCOUNT},\\s*"rate": 1.0\\s*\\}`));
});

it("sends a number that is typed digit by digit", async () => {
  hold("default", "null");
  open("/tasks/daily-report/edit");
  await screen.findByLabelText("Name");
  set("Payload", `[${ACCOUNT}]`);
  expect(await save()).toContain(`"payload":[${ACCOUNT}]`);
});

it.each<[string, string]>([
  ["elsewhere in the call", `"headers":{"X":"1.0"},"data":[${ACCOUNT},0.1234567890123456789,1.0]`],
  ["in the body", `"body":{"account":${ACCOUNT},"rate":1.0}`],
  ["in what is expected", `"expect_body":[{"pointer":"/n","equals":${ACCOUNT}}]`],
])("changes a field of a call and no digit of a number %s", async (_, others) => {
  hold("http", `{"url":"https://a.test",${others}}`);
  open("/tasks/daily-report/edit");
  await screen.findByLabelText("URL");
  set("URL", "https://b.test");
  expect(await payload()).toBe(`{"url":"https://b.test",${others}}`);
});

it("shows the numbers of a body digit by digit, and sends those that are typed there so", async () => {
  hold("http", `{"url":"https://a.test","body":{"account":${ACCOUNT}}}`);
  open("/tasks/daily-report/edit");
  expect(await screen.findByLabelText("Body")).toHaveValue(`{\n  "account": ${ACCOUNT}\n}`);
  set("Body", `{"account":${ACCOUNT}, "other":${ACCOUNT}}`);
  expect(screen.getByLabelText("Body")).toHaveValue(`{"account":${ACCOUNT}, "other":${ACCOUNT}}`);
  expect(await payload()).toBe(`{"url":"https://a.test","body":{"account":${ACCOUNT},"other":${ACCOUNT}}}`);
});

it("asks whose number is kept where two differ that a browser takes for one", async () => {
  hold("default", `{"account":1}`);
  open("/tasks/daily-report/edit");
  await screen.findByLabelText("Name");
  set("Payload", `{"account":${ACCOUNT}}`);
  const theirs = "9007199254740992";
  hold("default", `{"account":${theirs}}`);
  server.use(
    http.put("*/api/v1/tasks/daily-report", () => problem(412, "another version stands"), { once: true }),
  );
  fireEvent.click(screen.getByText("Save"));
  const part = await screen.findByLabelText("Handler and payload: changed");
  expect(part).toHaveTextContent(new RegExp(`Both changed it.*${theirs}.*${ACCOUNT}`));
  fireEvent.click(within(part).getByLabelText("Mine"));
  expect(await payload()).toBe(`{"account":${ACCOUNT}}`);
});

it("keeps every digit where a URL is all that can be typed", async () => {
  hold("curl", `{"url":"https://a.test","account":${ACCOUNT}}`);
  open("/tasks/daily-report/edit");
  await screen.findByLabelText("URL");
  set("URL", "https://b.test");
  expect(await payload()).toBe(`{"url":"https://b.test","account":${ACCOUNT}}`);
});

it("changes a field that a schema announces and no digit of another one", async () => {
  const kinds = { account: { type: "integer" }, rate: { enum: [0.5, 1] }, to: { type: "string" } };
  const payload_schema = { type: "object", properties: kinds };
  record("get", "/handlers", () =>
    HttpResponse.json({ items: [{ name: "tell", description: "Tells.", payload_schema }] }),
  );
  hold("tell", `{"to":"ops","account":${ACCOUNT},"rate":1.0,"of":[${ACCOUNT}]}`);
  open("/tasks/daily-report/edit");
  expect(await screen.findByLabelText("account")).toHaveValue(ACCOUNT);
  expect(screen.getByLabelText("rate")).toHaveValue("1");
  set("to", "all");
  set("account", `${ACCOUNT}5`);
  expect(screen.getByLabelText("account")).toHaveValue(`${ACCOUNT}5`);
  expect(await payload()).toBe(`{"to":"all","account":${ACCOUNT}5,"rate":1.0,"of":[${ACCOUNT}]}`);
});
