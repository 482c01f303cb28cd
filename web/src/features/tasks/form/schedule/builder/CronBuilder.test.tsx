import { MantineProvider } from "@mantine/core";
import { fireEvent, render, screen } from "@testing-library/react";
import { useState } from "react";
import { expect, it } from "vitest";
import { CronBuilder } from "./CronBuilder";

function Both({ typed }: { typed: string }) {
  const [cron, setCron] = useState(typed);
  return (
    <MantineProvider>
      <input aria-label="Text" value={cron} onChange={(e) => setCron(e.currentTarget.value)} />
      <CronBuilder cron={cron} onChange={setCron} />
    </MantineProvider>
  );
}

const show = (typed: string) => render(<Both typed={typed} />);
const text = () => screen.getByLabelText("Text");
const set = (label: string, value: string) =>
  fireEvent.change(screen.getByLabelText(label), { target: { value } });

it("writes what is chosen, and keeps the time of day from kind to kind", () => {
  show("");
  expect(screen.getByLabelText("Repeats")).toHaveDisplayValue("choose…");
  set("Repeats", "minutes");
  expect(text()).toHaveValue("*/5 * * * *");
  set("Every", "15");
  expect(text()).toHaveValue("*/15 * * * *");
  set("Repeats", "daily");
  set("At", "17:30");
  expect(text()).toHaveValue("30 17 * * *");
  set("Repeats", "weekly");
  expect(text()).toHaveValue("30 17 * * 1-5");
  fireEvent.click(screen.getByLabelText("Wed"));
  expect(text()).toHaveValue("30 17 * * 1,2,4,5");
  set("Repeats", "monthly");
  set("On day", "L");
  expect(text()).toHaveValue("30 17 L * *");
  set("On day", "31");
  expect(screen.getByText(/Months without that day are left out/)).toBeInTheDocument();
  set("Repeats", "yearly");
  set("On day", "31");
  set("In", "2");
  expect(text()).toHaveValue("30 17 29 2 *");
  set("Repeats", "hours");
  set("At minute", "15");
  expect(text()).toHaveValue("15 * * * *");
});

it("reads what is typed", () => {
  show("0 9 * * MON,WED");
  expect(screen.getByLabelText("Repeats")).toHaveValue("weekly");
  expect(screen.getByLabelText("At")).toHaveValue("09:00");
  expect(screen.getByLabelText("Mon")).toBeChecked();
  expect(screen.getByLabelText("Tue")).not.toBeChecked();
  set("Text", "*/10 * * * * *");
  expect(screen.getByLabelText("Repeats")).toHaveValue("seconds");
  expect(screen.getByLabelText("Every")).toHaveValue("10");
});

it("takes neither the last day nor the time away: that would be no schedule", () => {
  show("0 9 * * 1");
  fireEvent.click(screen.getByLabelText("Mon"));
  set("At", "");
  expect(text()).toHaveValue("0 9 * * 1");
});

it("says what it can't show and leaves it as it is; what a choice replaces can be had back", () => {
  show("0 9 L-3 * *");
  expect(screen.getByText(/These choices can't say this expression/)).toBeInTheDocument();
  expect(screen.getByLabelText("Repeats")).toHaveDisplayValue("as written");
  expect(screen.queryByLabelText("At")).toBeNull();
  expect(text()).toHaveValue("0 9 L-3 * *");
  set("Repeats", "daily");
  expect(text()).toHaveValue("0 9 * * *");
  fireEvent.click(screen.getByText("Write it again"));
  expect(text()).toHaveValue("0 9 L-3 * *");
  expect(screen.queryByText("Write it again")).toBeNull();
});
