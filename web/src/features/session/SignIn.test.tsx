import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { HttpResponse } from "msw";
import { beforeEach, expect, it } from "vitest";
import { open } from "@/testing/open";
import { aTask } from "@/testing/samples";
import { problem, record } from "@/testing/server";

const KEY = "tsk_abcd1234_secret";
const nobody = { keys: true, name: null, role: null, tags: [] };
const wrong = () => problem(401, "the key is none of those that are valid here: it may have been revoked");
let session: { keys: boolean; name: string | null; role: string | null; tags: string[] };

/** An API with keys: lists are for those who are signed in. */
beforeEach(() => {
  session = nobody;
  record("get", "/session", () => HttpResponse.json(session));
  record("get", "/tasks", () =>
    session.role ? HttpResponse.json({ items: [aTask()], next_cursor: null }) : wrong(),
  );
});

function takes(role: string, tags: string[] = []) {
  return record("post", "/session", ({ body }) => {
    if ((body as { key: string }).key !== KEY) return wrong();
    session = { keys: true, name: "ann", role, tags };
    return HttpResponse.json(session);
  });
}

it("asks for a key before it asks for anything else, and goes on where it was", async () => {
  const signIns = takes("operator");
  const asked = record("get", "/tasks", () => HttpResponse.json({ items: [aTask()], next_cursor: null }));
  const { person, address } = open("/tasks?sort=-name");
  const field = await screen.findByLabelText("API key");
  expect(field).toHaveAttribute("type", "password");
  expect(asked).toHaveLength(0);
  expect(screen.queryByRole("navigation")).toBeNull();
  await person.type(field, "ann");
  await person.click(screen.getByRole("button", { name: "Sign in" }));
  expect(await screen.findByText("That is no key: it begins with tsk_.")).toBeInTheDocument();
  await person.clear(field);
  await person.type(field, "tsk_other{Enter}");
  expect(await screen.findByText(/it may have been revoked/)).toBeInTheDocument();
  await person.clear(field);
  await person.type(field, `${KEY}{Enter}`);
  expect(await screen.findByRole("link", { name: "Daily report" })).toBeInTheDocument();
  expect(address()).toBe("/tasks?sort=-name");
  expect(signIns).toHaveLength(3);
  expect(screen.getByRole("button", { name: "Signed in as ann, operator" })).toBeInTheDocument();
});

it("signs out, and shows nothing of what was seen", async () => {
  session = { keys: true, name: "ann", role: "admin", tags: ["finance", "tax"] };
  const signOuts = record("delete", "/session", () => {
    session = nobody;
    return new HttpResponse(null, { status: 204 });
  });
  const { person } = open("/tasks");
  await screen.findByRole("link", { name: "Daily report" });
  await person.click(screen.getByRole("button", { name: "Signed in as ann, admin" }));
  expect(
    await screen.findByText("Sees and changes tasks tagged finance or tax, with their runs."),
  ).toBeInTheDocument();
  await person.click(await screen.findByRole("button", { name: "Sign out" }));
  await screen.findByLabelText("API key");
  expect(signOuts).toHaveLength(1);
  expect(screen.queryByText("Daily report")).toBeNull();
});

it("asks before it signs out and drops what was typed", async () => {
  session = { keys: true, name: "ann", role: "operator", tags: [] };
  record("post", "/schedules/preview", () => problem(422, "no schedule yet"));
  const signOuts = record("delete", "/session", () => {
    session = nobody;
    return new HttpResponse(null, { status: 204 });
  });
  const { person } = open("/tasks/new");
  const name = await screen.findByLabelText("Name");
  const menu = screen.getByRole("button", { name: "Signed in as ann, operator" });
  const signOut = async () => {
    await person.click(menu);
    await person.click(await screen.findByRole("button", { name: "Sign out" }));
  };
  const asked = () => screen.findByRole("dialog", { name: "Sign out without saving?" });
  fireEvent.change(name, { target: { value: "A long story" } });
  await person.click(menu);
  await person.keyboard("{Escape}");
  await waitFor(() => expect(screen.queryByRole("button", { name: "Sign out" })).toBeNull());
  await signOut();
  await person.click(within(await asked()).getByRole("button", { name: "Stay" }));
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  expect(menu).toHaveFocus();
  expect(name).toHaveValue("A long story");
  expect(signOuts).toHaveLength(0);
  await signOut();
  await person.click(within(await asked()).getByRole("button", { name: "Sign out" }));
  await screen.findByLabelText("API key");
  expect(signOuts).toHaveLength(1);
  expect(screen.queryByRole("dialog")).toBeNull();
});

it("stays signed in, with what was typed, where signing out fails", async () => {
  session = { keys: true, name: "ann", role: "operator", tags: [] };
  record("post", "/schedules/preview", () => problem(422, "no schedule yet"));
  record("delete", "/session", () => HttpResponse.error());
  const { person } = open("/tasks/new");
  fireEvent.change(await screen.findByLabelText("Name"), { target: { value: "A long story" } });
  await person.click(screen.getByRole("button", { name: "Signed in as ann, operator" }));
  await person.click(await screen.findByRole("button", { name: "Sign out" }));
  const dialog = await screen.findByRole("dialog", { name: "Sign out without saving?" });
  await person.click(within(dialog).getByRole("button", { name: "Sign out" }));
  expect(await screen.findByText("You are still signed in")).toBeInTheDocument();
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  expect(screen.getByLabelText("Name")).toHaveValue("A long story");
});

it("keeps what is typed while a key that was revoked is replaced", async () => {
  session = { keys: true, name: "ann", role: "operator", tags: [] };
  takes("operator");
  record("post", "/schedules/preview", () => problem(422, "no schedule yet"));
  record("post", "/tasks", () => wrong());
  const { person } = open("/tasks/new");
  const set = (label: string, value: string) =>
    fireEvent.change(screen.getByLabelText(label), { target: { value } });
  await screen.findByLabelText("Name");
  set("Name", "A long story");
  set("Cron expression", "0 9 * * *");
  session = nobody;
  await person.click(screen.getByRole("button", { name: "Save" }));
  const field = await screen.findByLabelText("API key");
  expect(screen.getByRole("alert")).toHaveTextContent("The key of ann is not valid any more");
  await person.type(field, `${KEY}{Enter}`);
  await waitFor(() => expect(screen.queryByLabelText("API key")).toBeNull());
  expect(screen.getByLabelText("Name")).toHaveValue("A long story");
});

it("switches off what the role may not do, and says why", async () => {
  session = { keys: true, name: "vic", role: "viewer", tags: [] };
  const { person } = open("/tasks");
  const row = (await screen.findByRole("link", { name: "Daily report" })).closest("tr") as HTMLElement;
  for (const name of ["Run now", "Pause", "Edit", "Delete"]) {
    expect(within(row).getByRole("button", { name: `${name} Daily report` })).toBeDisabled();
  }
  const create = screen.getByRole("button", { name: "New task" });
  expect(create).toBeDisabled();
  await person.hover(create.parentElement as HTMLElement);
  expect(await screen.findByRole("tooltip")).toHaveTextContent(
    "This takes the role operator; your key has the role viewer.",
  );
});

it("says whom dead letters are for, without asking for them", async () => {
  session = { keys: true, name: "oli", role: "operator", tags: [] };
  const asked = record("get", "/dead-letters", () => problem(403, "no"));
  open("/system/dead-letters");
  expect(await screen.findByRole("heading", { name: "Dead letters are for admins" })).toBeInTheDocument();
  expect(asked).toHaveLength(0);
});

it("shows no session where there are no keys", async () => {
  session = { keys: false, name: null, role: "admin", tags: [] };
  record("get", "/tasks", () => HttpResponse.json({ items: [aTask()], next_cursor: null }));
  open("/tasks");
  expect(await screen.findByRole("button", { name: "Pause Daily report" })).toBeEnabled();
  expect(screen.queryByRole("button", { name: /Signed in/ })).toBeNull();
});

it("is as before with an API that has no sessions yet", async () => {
  record("get", "/session", () => problem(404, "nothing is served here"));
  record("get", "/tasks", () => HttpResponse.json({ items: [aTask()], next_cursor: null }));
  open("/tasks");
  expect(await screen.findByRole("button", { name: "Pause Daily report" })).toBeEnabled();
});
