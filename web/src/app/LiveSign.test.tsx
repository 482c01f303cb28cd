import { screen, waitFor } from "@testing-library/react";
import { HttpResponse } from "msw";
import { expect, it } from "vitest";
import { open } from "@/testing/open";
import { record } from "@/testing/server";

it("tells of a server that is gone on a page that asks for nothing by itself, and of its return", async () => {
  let isAway = false;
  const session = { keys: false, name: null, role: "admin", tags: [] };
  record("get", "/session", () => (isAway ? HttpResponse.error() : HttpResponse.json(session)));
  open("/tasks/new");
  await screen.findByLabelText("Name");
  isAway = true;
  expect(await screen.findByText("Tasker can't be reached.")).toBeInTheDocument();
  expect(screen.getByText("Offline")).toBeInTheDocument();
  isAway = false;
  await waitFor(() => expect(screen.queryByText("Tasker can't be reached.")).toBeNull());
});
