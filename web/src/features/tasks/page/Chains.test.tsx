import { screen, within } from "@testing-library/react";
import { HttpResponse } from "msw";
import { beforeEach, expect, it } from "vitest";
import { open } from "@/testing/open";
import { aTask } from "@/testing/samples";
import { record } from "@/testing/server";

beforeEach(() => {
  record("get", "/runs", () => HttpResponse.json({ items: [], next_cursor: null }));
  record("post", "/schedules/preview", () => HttpResponse.json({ description: "x", next: [], notes: [] }));
});

it("links to the tasks that start it and those that it starts, and says which are not there", async () => {
  const task = aTask({
    preceded_by: [{ task: "extract", on: "succeeded" }],
    // biome-ignore lint/suspicious/noThenProperty: the contract's name, in JSON that nobody awaits.
    then: [
      { task: "load", on: "any" },
      { task: "alarm", on: "failed" },
    ],
    missing_successors: ["alarm"],
  });
  record("get", "/tasks/:id", () => HttpResponse.json(task));
  open("/tasks/daily-report");
  const chain = await screen.findByRole("region", { name: "Chain" });
  const links = within(chain)
    .getAllByRole("listitem")
    .map((item) => [within(item).getByRole("link").getAttribute("href"), item.textContent]);
  expect(links).toEqual([
    ["/tasks/extract", "extract when it succeeded"],
    ["/tasks/load", "load whichever way it ended"],
    ["/tasks/alarm", "alarm when it failed for good · there is no such task"],
  ]);
  expect(within(chain).getByRole("heading", { name: "Starts after" })).toBeInTheDocument();
  expect(within(chain).getByRole("heading", { name: "Then starts" })).toBeInTheDocument();
});

it("says nothing of chains where there are none", async () => {
  record("get", "/tasks/:id", () => HttpResponse.json(aTask()));
  open("/tasks/daily-report");
  await screen.findByRole("region", { name: "Coming times" });
  expect(screen.queryByRole("region", { name: "Chain" })).toBeNull();
});

it("shows no times of a task that runs only when it is triggered, and asks for none", async () => {
  const previews = record("post", "/schedules/preview", () => HttpResponse.error());
  record("get", "/tasks/:id", () => HttpResponse.json(aTask({ schedule: { manual: true }, next_at: null })));
  open("/tasks/daily-report");
  expect(await screen.findByRole("region", { name: "Coming times" })).toHaveTextContent(
    "None: it runs only when it is triggered.",
  );
  expect(screen.getByRole("button", { name: "Run now" })).toHaveAttribute("data-variant", "filled");
  expect(previews).toHaveLength(0);
});

it("asks for the coming times by the task's id, and says what its H stands for", async () => {
  const schedule = { cron: "H 9 * * *", timezone: "UTC" };
  const next = [{ at: "2099-01-01T09:17:00Z", local: "2099-01-01T09:17:00Z" }];
  const previews = record("post", "/schedules/preview", () =>
    HttpResponse.json({
      ...{ description: "x", next, notes: ["any/2: months without a day 31"] },
      resolved: { ...schedule, cron: "17 9 * * *" },
    }),
  );
  record("get", "/tasks/:id", () => HttpResponse.json(aTask({ schedule })));
  open("/tasks/daily-report");
  expect(await screen.findByText("for this task", { exact: false })).toHaveTextContent(
    "H is 17 for this task",
  );
  expect(screen.getByText("Schedule 3: months without a day 31")).toBeInTheDocument();
  expect(previews[0]?.body).toMatchObject({ schedule, task_id: "daily-report" });
});
