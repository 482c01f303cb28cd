import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { HttpResponse } from "msw";
import { beforeEach, expect, it } from "vitest";
import type { Schedule } from "@/lib/task";
import { open } from "@/testing/open";
import { aTask } from "@/testing/samples";
import { problem, record, type Seen } from "@/testing/server";

type Asked = { schedule: Schedule & { cron?: string; any?: { cron?: string }[] }; task_id?: string };

const PASTED = "CRON_TZ=Europe/Berlin 0 9 * * * /usr/bin/backup.sh";
const MEANT = { cron: "0 9 * * *", timezone: "Europe/Berlin" };
let previews: Seen[] = [];
let saved: Seen[] = [];

/** A server that knows one pasted line, resolves H for a task whose id it is told, and finds nothing else wrong. */
function answer({ schedule, task_id }: Asked) {
  const wrong = "it names the zone Europe/Berlin and the command /usr/bin/backup.sh";
  if (schedule.cron === PASTED) {
    const suggestion = { pointer: "/schedule", value: MEANT };
    return problem(422, "no", [{ pointer: "/schedule/cron", message: wrong, suggestion }]);
  }
  const pasted = schedule.any?.findIndex((one) => one.cron === PASTED) ?? -1;
  if (pasted >= 0) {
    const suggestion = { pointer: `/schedule/any/${pasted}`, value: MEANT };
    return problem(422, "no", [{ pointer: `/schedule/any/${pasted}/cron`, message: wrong, suggestion }]);
  }
  const time = { at: "2026-11-26T08:00:00Z", local: "2026-11-26T09:00:00+01:00" };
  const isHashed = schedule.cron?.includes("H") && task_id;
  return HttpResponse.json({
    description: `In words: ${JSON.stringify(schedule)}`,
    next: "manual" in schedule ? [] : [schedule.any ? { ...time, by: [0, 2] } : time],
    notes: [],
    ...(isHashed && { resolved: { ...schedule, cron: schedule.cron?.replace("H", "17") } }),
  });
}

beforeEach(() => {
  previews = record("post", "/schedules/preview", ({ body }) => answer(body as Asked));
  saved = record("post", "/tasks", () => HttpResponse.json(aTask(), { status: 201 }));
  record("get", "/tasks/:id", () => HttpResponse.json(aTask()));
  record("get", "/runs", () => HttpResponse.json({ items: [], next_cursor: null }));
});

const set = (label: string, value: string, place: HTMLElement = document.body) =>
  fireEvent.change(within(place).getByLabelText(label), { target: { value } });
const preview = () => screen.getByRole("region", { name: "Preview" });
const schedule = () => (saved[0]?.body as { schedule: Schedule } | undefined)?.schedule;

async function form() {
  const opened = open("/tasks/new");
  await screen.findByLabelText("Name");
  const choose = (kind: string) => opened.person.click(screen.getByRole("radio", { name: kind }));
  const save = async () => {
    await opened.person.click(screen.getByRole("button", { name: "Save" }));
    await waitFor(() => expect(saved).toHaveLength(1));
  };
  return { ...opened, choose, save };
}

it("mends a pasted line by one press, keeps the focus at the field, and says what was done", async () => {
  const { person, save } = await form();
  set("Time zone", "UTC");
  set("Cron expression", PASTED);
  const use = await screen.findByRole("button", { name: "Use this" });
  expect(use).toHaveAccessibleDescription("Understood: 0 9 * * * · Europe/Berlin");
  expect(screen.getByLabelText("Cron expression")).toHaveAccessibleDescription(/the command/);
  expect(preview()).toHaveTextContent("“Use this” makes it 0 9 * * * · Europe/Berlin.");
  await person.click(use);
  expect(screen.getByLabelText("Cron expression")).toHaveValue("0 9 * * *");
  expect(screen.getByLabelText("Cron expression")).toHaveFocus();
  expect(screen.getByLabelText("Time zone")).toHaveValue("Europe/Berlin");
  expect(screen.getByText("Now it is 0 9 * * * · Europe/Berlin.")).toHaveAttribute("role", "status");
  await waitFor(() => expect(screen.getByLabelText("Cron expression")).toBeValid());
  expect(screen.queryByRole("button", { name: "Use this" })).toBeNull();
  await save();
  expect(schedule()).toMatchObject(MEANT);
});

it("offers what a save suggests as well, until the field is changed", async () => {
  const suggestion = { pointer: "/schedule/timezone", value: "Europe/Berlin" };
  const refused = record("post", "/tasks", () =>
    problem(422, "no", [{ pointer: "/schedule/timezone", message: "no such zone", suggestion }]),
  );
  const { person } = await form();
  set("Cron expression", "0 9 * * *");
  set("Time zone", "europe/berlin");
  await person.click(screen.getByRole("button", { name: "Save" }));
  await person.click(await screen.findByRole("button", { name: "Use this" }));
  expect(screen.getByLabelText("Time zone")).toHaveValue("Europe/Berlin");
  expect(screen.getByLabelText("Time zone")).toBeValid();
  await person.click(screen.getByRole("button", { name: "Save" }));
  await screen.findByRole("button", { name: "Use this" });
  set("Time zone", "UTC");
  expect(screen.queryByRole("button", { name: "Use this" })).toBeNull();
  expect(refused).toHaveLength(2);
});

it("sends a calendar interval: every second Friday at nine", async () => {
  const { choose, save } = await form();
  await choose("Calendar");
  set("Every", "2");
  set("Unit", "W");
  set("At", "09:30");
  set("Time zone", "Europe/Berlin");
  set("First day", "2026-01-02");
  expect(screen.queryByLabelText("In a month without that day")).toBeNull();
  set("Unit", "M");
  set("In a month without that day", "skip");
  await save();
  expect(schedule()).toEqual({
    ...{ every: "P2M", at: "09:30", timezone: "Europe/Berlin", anchor: "2026-01-02", month_end: "skip" },
    ...{ gap: "shift", fold: "first" },
  });
});

it("sends several, takes one away, and says which of them has a time", async () => {
  const { person, choose, save } = await form();
  set("Cron expression", "0 9 * * *");
  set("Time zone", "Europe/Berlin");
  await choose("Several");
  const member = (n: number) => screen.getByRole("group", { name: `Schedule ${n}` });
  expect(within(member(1)).getByLabelText("Cron expression")).toHaveValue("0 9 * * *");
  await person.click(screen.getByRole("button", { name: "Add a schedule" }));
  expect(within(member(2)).getByLabelText("Cron expression")).toHaveFocus();
  set("Cron expression", "0 12 * * SAT", member(2));
  set("Time zone", "Asia/Tokyo", member(2));
  await person.click(screen.getByRole("button", { name: "Add a schedule" }));
  await person.selectOptions(within(member(3)).getByLabelText("Kind"), "Interval");
  await waitFor(() => expect(preview()).toHaveTextContent("by 1 and 3"));
  await person.click(screen.getByRole("button", { name: "Remove schedule 2" }));
  expect(screen.getByRole("button", { name: "Add a schedule" })).toHaveFocus();
  expect(within(member(2)).getByLabelText("Kind")).toHaveValue("every");
  await save();
  expect(schedule()).toEqual({
    any: [{ cron: "0 9 * * *", gap: "shift", fold: "first" }, { every: "PT15M" }],
    timezone: "Europe/Berlin",
  });
});

it("mends the one of several that was pasted", async () => {
  const { person, choose } = await form();
  await choose("Several");
  set("Cron expression", PASTED);
  await person.click(await screen.findByRole("button", { name: "Use this" }));
  const member = screen.getByRole("group", { name: "Schedule 1" });
  expect(within(member).getByLabelText("Cron expression")).toHaveValue("0 9 * * *");
  expect(within(member).getByLabelText("Time zone")).toHaveValue("Europe/Berlin");
  expect(within(member).getByLabelText("Cron expression")).toHaveFocus();
});

it("saves a task that runs only when it is triggered", async () => {
  const { choose, save } = await form();
  await choose("Only when triggered");
  await waitFor(() => expect(preview()).toHaveTextContent('In words: {"manual":true}'));
  expect(preview()).not.toHaveTextContent("No time is left");
  expect(screen.queryByLabelText("Number of runs")).toBeNull();
  await save();
  expect(schedule()).toEqual({ manual: true });
});

it("asks for the times of H by the task's id, and says what it stands for", async () => {
  await form();
  set("Cron expression", "H 9 * * *");
  await waitFor(() => expect(preview()).toHaveTextContent("In words"));
  expect(preview()).not.toHaveTextContent("for this task");
  set("Task id", "daily-report");
  await waitFor(() => expect(preview()).toHaveTextContent("H is 17 for this task"));
  expect(previews.at(-1)?.body).toMatchObject({ task_id: "daily-report" });
});

it("says beside the field that is still empty what is missing, and goes there", async () => {
  const { person, choose } = await form();
  await choose("Several");
  await person.click(screen.getByRole("button", { name: "Remove schedule 1" }));
  await person.click(screen.getByRole("button", { name: "Save" }));
  expect(await screen.findByRole("alert")).toHaveTextContent("Add a schedule at least.");
  await person.click(screen.getByRole("button", { name: "Add a schedule" }));
  await person.click(screen.getByRole("button", { name: "Save" }));
  await waitFor(() => expect(screen.getByLabelText("Cron expression")).toHaveFocus());
  expect(screen.getByLabelText("Cron expression")).toHaveAccessibleDescription(/Say when/);
  expect(saved).toHaveLength(0);
});

it.each([
  ["/schedule/end", "Not after"],
  ["/schedule/max_runs", "Number of runs"],
  ["/schedule/exclude", "Left out"],
  ["/schedule", "Cron expression"],
  ["/name", "Name"],
])(
  "shows a schedule that can never fire, or a name that is refused, at its field: %s",
  async (pointer, label) => {
    record("post", "/tasks", () => problem(422, "no", [{ pointer, message: "it can never fire again" }]));
    const { person } = await form();
    set("Cron expression", "0 9 * * *");
    await person.click(screen.getByRole("button", { name: "Save" }));
    await waitFor(() =>
      expect(screen.getByLabelText(label)).toHaveAccessibleDescription(/it can never fire again/),
    );
    expect(screen.getByLabelText(label)).toHaveFocus();
  },
);
