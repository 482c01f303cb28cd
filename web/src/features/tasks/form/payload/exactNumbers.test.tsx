import { fireEvent, screen, waitFor } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { beforeEach, expect, it } from "vitest";
import { open } from "@/testing/open";
import { aTask } from "@/testing/samples";
import { record, server } from "@/testing/server";

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

it("warns where fields stand that a number would be rounded by a change there", async () => {
  hold("http", `{"url":"https://a.test","body":{"account":${ACCOUNT}}}`);
  open("/tasks/daily-report/edit");
  expect(await screen.findByText(new RegExp(`${ACCOUNT}.* change the payload as JSON`))).toBeInTheDocument();
  set("Name", "Other");
  expect(await save()).toContain(ACCOUNT);
});
