import { screen, waitFor, within } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { expect, it } from "vitest";
import { open } from "@/testing/open";
import { aChangeSet, aTask } from "@/testing/samples";
import { problem, record, server } from "@/testing/server";

const entry = { changes: [], changes_left_out: 0, errors: [], warnings: [] };
const aPlan = (invalid = 0) => ({
  ...{ plan: "plan-1", is_whole: true, counts: { create: 1, change: 1, same: 0, invalid } },
  items: [
    { ...entry, task_id: "new-one", line: 2, action: "create", warnings: ["MAILTO is left out"] },
    {
      ...{ ...entry, task_id: "daily-report", line: 5, action: "change" },
      changes: [
        { pointer: "/handler", kind: "changed", before: "curl", after: "http", cut: false },
        { pointer: "/payload", kind: "changed", before: "LONG", after: 1, cut: false },
      ],
    },
    ...(invalid
      ? [
          {
            ...{ ...entry, task_id: null, line: 9, action: "invalid" },
            errors: [{ pointer: "/schedule/cron", message: "minute: 61 is out of range" }],
          },
        ]
      : []),
  ],
});

type Sent = { query: URLSearchParams; type: string | null; text: string };

function imports(plan: object): Sent[] {
  const sent: Sent[] = [];
  server.use(
    http.post("*/api/v1/imports", async ({ request }) => {
      const query = new URL(request.url).searchParams;
      sent.push({ query, type: request.headers.get("content-type"), text: await request.text() });
      if (query.get("mode") === "plan") {
        const digits = JSON.stringify(plan).replace('"LONG"', "12345678901234567890");
        return new HttpResponse(digits, { headers: { "content-type": "application/json" } });
      }
      if (sent.length === 2 && "isRefused" in plan)
        return problem(409, "the file has changed since the plan");
      const id = query.get("id") ?? "";
      return HttpResponse.json(aChangeSet({ id, kind: "import", action: "import" }), { status: 202 });
    }),
  );
  record("get", "/change-sets/:id", ({ path }) =>
    HttpResponse.json(aChangeSet({ id: path.split("/").at(-1), kind: "import", action: "import" })),
  );
  return sent;
}

it("plans a crontab that is pasted, applies it as planned, and offers to take it back", async () => {
  const sent = imports(aPlan());
  const { person } = open("/import");
  const text = await screen.findByRole("textbox", { name: "Text of the file" });
  await person.click(text);
  await person.paste("*/5 * * * * curl https://example.com");
  expect(screen.getByRole("combobox", { name: "Format" })).toHaveDisplayValue("crontab");
  await person.type(screen.getByRole("textbox", { name: /Time zone/ }), "Europe/Berlin");
  await person.click(screen.getByRole("button", { name: "Show what it would do" }));
  const entries = await screen.findByRole("list", { name: "Entries" });
  expect(entries).toHaveTextContent('/handler: "curl" → "http"');
  expect(entries).toHaveTextContent("/payload: 12345678901234567890 → 1");
  expect(entries).toHaveTextContent("MAILTO is left out");
  expect(sent[0]).toMatchObject({ type: "text/x-crontab", text: "*/5 * * * * curl https://example.com" });
  expect(sent[0]?.query.get("timezone")).toBe("Europe/Berlin");
  await person.click(screen.getByRole("button", { name: "Import 2 tasks" }));
  expect(await screen.findByText("2 accepted")).toBeInTheDocument();
  expect(sent[1]?.query.get("mode")).toBe("apply");
  expect(sent[1]?.query.get("plan")).toBe("plan-1");
  expect(sent[1]?.text).toBe(sent[0]?.text);
  expect(screen.getByRole("button", { name: "Undo" })).toBeInTheDocument();
});

it("reads a file that is chosen, and applies it without its invalid entries only when told so", async () => {
  const sent = imports({ ...aPlan(1), isRefused: true });
  const { person } = open("/import");
  await screen.findByRole("button", { name: "Choose a file…" });
  const field = screen.getByLabelText("File of tasks");
  const text = "tasks:\n- id: a\n";
  const arrayBuffer = async () => new TextEncoder().encode(text).buffer; // jsdom's files have none
  await person.upload(field, Object.assign(new File([text], "tasks.yaml"), { arrayBuffer }));
  expect(await screen.findByText("tasks.yaml")).toBeInTheDocument();
  await person.click(screen.getByRole("button", { name: "Show what it would do" }));
  const entries = await screen.findByRole("list", { name: "Entries" });
  expect(within(entries).getAllByRole("listitem")).toHaveLength(1);
  expect(entries).toHaveTextContent("line 9/schedule/cron minute: 61 is out of range");
  expect(sent[0]).toMatchObject({ type: "application/yaml", text });
  const apply = screen.getByRole("button", { name: "Import 2 tasks" });
  expect(apply).toBeDisabled();
  await person.click(screen.getByRole("checkbox", { name: /Leave out the entry/ }));
  await person.click(apply);
  expect(await screen.findByText("The file has changed since the plan")).toBeInTheDocument();
  expect(sent[1]?.query.get("invalid")).toBe("skip");
});

it("exports by the filters of the list, and leads to the import", async () => {
  record("get", "/tasks", () => HttpResponse.json({ items: [aTask()], next_cursor: null }));
  const { person, address } = open("/tasks?tag=finance");
  await person.click(await screen.findByRole("button", { name: "Import, export" }));
  const yaml = await screen.findByRole("menuitem", { name: "YAML" });
  expect(yaml).toHaveAttribute("href", "/api/v1/exports?format=yaml&tag=finance");
  expect(yaml).toHaveAttribute("download");
  await person.click(screen.getByRole("menuitem", { name: "Import…" }));
  await waitFor(() => expect(address()).toBe("/import"));
});
