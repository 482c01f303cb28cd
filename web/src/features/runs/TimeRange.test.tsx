import { MantineProvider } from "@mantine/core";
import { fireEvent, render, screen } from "@testing-library/react";
import { expect, it } from "vitest";
import { TimeRange } from "./TimeRange";

it("leaves a bound as it is that nobody has changed", () => {
  const chosen: object[] = [];
  render(
    <MantineProvider>
      <TimeRange
        from="2026-11-25T09:00:00.123Z"
        to="2026-11-25T10:00:00.456Z"
        onChange={(range) => chosen.push(range)}
      />
    </MantineProvider>,
  );
  fireEvent.click(screen.getByLabelText("From … to …"));
  fireEvent.change(screen.getByLabelText("Up to, without"), { target: { value: "" } });
  fireEvent.click(screen.getByText("Show"));
  expect(chosen).toEqual([{ from: "2026-11-25T09:00:00.123Z", to: undefined }]);
});
