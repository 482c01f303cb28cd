import { MantineProvider } from "@mantine/core";
import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it } from "vitest";
import { Hints } from "./Hints";

function show() {
  render(
    <MantineProvider>
      <button type="button" data-hint="Pause it">
        <i data-testid="icon">II</i>
      </button>
      <button type="button" data-hint="Run it">
        Run
      </button>
      <p>Text</p>
      <Hints />
    </MantineProvider>,
  );
  return userEvent.setup();
}

it("shows the hint of what is pointed at, of one thing at a time", async () => {
  const person = show();
  await person.hover(screen.getByTestId("icon"));
  expect(await screen.findByRole("tooltip")).toHaveTextContent("Pause it");
  await person.hover(screen.getByText("Run"));
  await waitFor(() => expect(screen.getByRole("tooltip")).toHaveTextContent("Run it"));
  await person.hover(screen.getByText("Text"));
  await waitFor(() => expect(screen.queryByRole("tooltip")).toBeNull());
});

it("goes away by Escape, and when it is pressed", async () => {
  const person = show();
  await person.hover(screen.getByText("Run"));
  await screen.findByRole("tooltip");
  await person.keyboard("{Escape}");
  await waitFor(() => expect(screen.queryByRole("tooltip")).toBeNull());
  await person.hover(screen.getByTestId("icon"));
  await screen.findByRole("tooltip");
  await person.click(screen.getByTestId("icon"));
  await waitFor(() => expect(screen.queryByRole("tooltip")).toBeNull());
});
