import { MantineProvider } from "@mantine/core";
import { render, screen } from "@testing-library/react";
import { expect, it } from "vitest";
import { aTask } from "@/testing/samples";
import { TaskOptions } from "./TaskOptions";

it("says who is told of what, and of a URL no more than the host", () => {
  const webhook = { url: "https://hooks.example.com/services/T0/B0/confidential" };
  const notify = [
    { on: ["failed", "late"] as ("failed" | "late")[], late: "PT30S", webhook },
    { on: ["missed"] as "missed"[], kafka: { topic: "alerts" } },
  ];
  render(
    <MantineProvider>
      <TaskOptions task={aTask({ notify })} />
    </MantineProvider>,
  );
  expect(screen.getByText("hooks.example.com of failed, late (over 30 seconds)")).toBeVisible();
  expect(screen.getByText("the topic alerts of missed")).toBeVisible();
  expect(document.body).not.toHaveTextContent("confidential");
});
