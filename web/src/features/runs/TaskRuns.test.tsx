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
