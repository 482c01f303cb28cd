import { MantineProvider } from "@mantine/core";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import type { ComponentType } from "react";
import { expect, it, vi } from "vitest";
import { OnDemand, part as partOf } from "./OnDemand";

type Props = { name: string };
const Greeting = ({ name }: Props) => <p>Hello {name}</p>;

/** A part that can be had when its turn in `answers` says so. */
function greeting(...answers: boolean[]) {
  const read = vi.fn(async (): Promise<ComponentType<Props>> => {
    if (answers.shift()) return Greeting;
    throw new TypeError("Failed to fetch dynamically imported module: /assets/Greeting-1.js");
  });
  return { read, part: partOf("The greeting", read) };
}

it("is read once, when it is first shown", async () => {
  const { part, read } = greeting(true);
  expect(read).not.toHaveBeenCalled();
  const shown = render(<OnDemand part={part} props={{ name: "you" }} pending={<p>Reading</p>} />);
  expect(screen.getByText("Reading")).toBeInTheDocument();
  expect(await screen.findByText("Hello you")).toBeInTheDocument();
  shown.unmount();
  render(<OnDemand part={part} props={{ name: "me" }} />);
  expect(screen.getByText("Hello me")).toBeInTheDocument();
  expect(read).toHaveBeenCalledTimes(1);
});

it("says in its place that it can't be had, and is read again on request", async () => {
  const { part } = greeting(false, true);
  render(
    <MantineProvider>
      <input defaultValue="typed" />
      <OnDemand part={part} props={{ name: "you" }} />
    </MantineProvider>,
  );
  expect(await screen.findByRole("alert")).toHaveTextContent("The greeting can't be shown");
  await userEvent.click(screen.getByRole("button", { name: "Try again" }));
  expect(await screen.findByText("Hello you")).toBeInTheDocument();
  expect(screen.getByRole("textbox")).toHaveValue("typed");
});

it("is closed where it can't be had, if somebody hears of it, and read again when it is next opened", async () => {
  const { part } = greeting(false, true);
  const onAbsent = vi.fn();
  const shown = render(<OnDemand part={part} props={{ name: "you" }} onAbsent={onAbsent} />);
  await vi.waitFor(() => expect(onAbsent).toHaveBeenCalledTimes(1));
  shown.unmount();
  render(<OnDemand part={part} props={{ name: "you" }} onAbsent={onAbsent} />);
  expect(await screen.findByText("Hello you")).toBeInTheDocument();
  expect(onAbsent).toHaveBeenCalledTimes(1);
});

it("does not wait for ever", async () => {
  vi.useFakeTimers({ shouldAdvanceTime: true });
  const part = partOf("The greeting", () => new Promise<ComponentType<Props>>(() => {}));
  const onAbsent = vi.fn();
  render(<OnDemand part={part} props={{ name: "you" }} onAbsent={onAbsent} />);
  await vi.advanceTimersByTimeAsync(20_000);
  expect(onAbsent).toHaveBeenCalledTimes(1);
  vi.useRealTimers();
});
