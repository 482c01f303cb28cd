import { screen } from "@testing-library/react";
import { HttpResponse } from "msw";
import { afterEach, expect, it } from "vitest";
import { chooseZone } from "@/lib/zone";
import { open } from "@/testing/open";
import { aRun, aTask } from "@/testing/samples";
import { record } from "@/testing/server";

afterEach(() => chooseZone("mine"));

it("shows the runs of a task by the task's clock where that is chosen", async () => {
  record("get", "/tasks/:id", () =>
    HttpResponse.json(aTask({ schedule: { cron: "0 9 * * *", timezone: "Asia/Tokyo" } as never })),
  );
  record("get", "/runs", () => HttpResponse.json({ items: [aRun(12)], next_cursor: null }));
  chooseZone("task");
  open("/tasks/daily-report?tab=runs");
  expect(await screen.findByRole("link", { name: "18:00:12" })).toBeInTheDocument();
  expect(screen.getByRole("columnheader", { name: "Time (GMT+9)" })).toBeInTheDocument();
  expect(screen.queryByRole("columnheader", { name: "Task" })).toBeNull();
});

it("puts runs under days of the same clock, and names the day of one that was spread into another", async () => {
  record("get", "/tasks/:id", () =>
    HttpResponse.json(aTask({ schedule: { cron: "0 9 * * *", timezone: "Asia/Tokyo" } as never })),
  );
  // By its own clock: 00:20 on Thursday, and 23:50 on Wednesday put off to 00:10 on Thursday.
  const [midnight, spread] = ["2026-11-25T15:20:00.000Z", "2026-11-25T15:10:00.000Z"];
  const runs = [
    aRun(2, { nominal_at: midnight, effective_at: midnight }),
    aRun(1, { nominal_at: "2026-11-25T14:50:00.000Z", effective_at: spread }),
  ];
  record("get", "/runs", () => HttpResponse.json({ items: runs, next_cursor: null }));
  chooseZone("task");
  open("/tasks/daily-report?tab=runs");
  expect(await screen.findByRole("link", { name: "00:20:00" })).toBeInTheDocument();
  const headings = screen.getAllByText(/ November 2026$/, { selector: "th" });
  expect(headings.map((one) => one.textContent)).toEqual([expect.stringMatching(/^Thursday,? 26 /)]);
  expect(screen.getByRole("link", { name: "Wed 25 Nov 23:50:00" })).toBeInTheDocument();
});
