import { screen, waitFor } from "@testing-library/react";
import { HttpResponse } from "msw";
import { expect, it } from "vitest";
import { open } from "@/testing/open";
import { aTask } from "@/testing/samples";
import { problem, record } from "@/testing/server";

it("says that what is shown can't be read anew, and why, for as long as it can't", async () => {
  let isAway = false;
  record("get", "/tasks", () =>
    isAway
      ? problem(503, "MongoDB does not answer.")
      : HttpResponse.json({ items: [aTask()], next_cursor: null }),
  );
  const { client, person } = open("/tasks");
  await screen.findByText("Daily report");
  expect(screen.queryByRole("alert")).toBeNull();
  isAway = true;
  await client.invalidateQueries({ queryKey: ["tasks"] });
  expect(await screen.findByRole("alert")).toHaveTextContent(
    /can't be read anew.*MongoDB does not answer\. You see it as of \d\d:\d\d:\d\d/,
  );
  expect(screen.getByText("Daily report")).toBeInTheDocument();
  isAway = false;
  await person.click(screen.getByRole("button", { name: "Read it again" }));
  await waitFor(() => expect(screen.queryByRole("alert")).toBeNull());
});

it("says that a task that is shown is there no more", async () => {
  let isThere = true;
  record("get", "/runs", () => HttpResponse.json({ items: [], next_cursor: null }));
  record("post", "/schedules/preview", () => HttpResponse.json({ description: "x", next: [], notes: [] }));
  record("get", "/tasks/:id", () =>
    isThere ? HttpResponse.json(aTask()) : problem(404, "There is no task daily-report."),
  );
  const { client } = open("/tasks/daily-report");
  await screen.findByRole("button", { name: "Run now" });
  isThere = false;
  await client.invalidateQueries({ queryKey: ["task", "daily-report"] });
  expect(await screen.findByRole("alert")).toHaveTextContent("There is no task daily-report.");
});
