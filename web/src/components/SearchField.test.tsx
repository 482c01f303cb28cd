import { MantineProvider } from "@mantine/core";
import { act, fireEvent, render, screen } from "@testing-library/react";
import { useState } from "react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { SearchField } from "./SearchField";

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
afterEach(() => void vi.useRealTimers());

let asked: (string | undefined)[] = [];
let go: (value?: string) => void = () => {};

/** A field above a list whose address changes when it is told to, and not at once. */
function Search() {
  const [value, setValue] = useState<string>();
  go = setValue;
  return <SearchField label="Search" placeholder="" value={value} onChange={(next) => asked.push(next)} />;
}

function show() {
  asked = [];
  render(<Search />, { wrapper: MantineProvider });
  const field = screen.getByRole("searchbox", { name: "Search" });
  return { field, type: (value: string) => fireEvent.change(field, { target: { value } }) };
}
const pass = (ms: number) => act(() => vi.advanceTimersByTime(ms));
const arrive = (value?: string) => act(() => go(value));

it("leaves the blank after which somebody pauses", () => {
  const { field, type } = show();
  type("daily ");
  pass(250);
  arrive("daily");
  expect(asked).toEqual(["daily"]);
  expect(field).toHaveValue("daily ");
});

it("leaves what is typed while an earlier text is on its way into the address", () => {
  const { field, type } = show();
  type("dai");
  pass(250);
  type("daily");
  arrive("dai");
  expect(field).toHaveValue("daily");
  pass(250);
  arrive("daily");
  expect(field).toHaveValue("daily");
  expect(asked).toEqual(["dai", "daily"]);
});

it("follows the address where something else has changed it, unless more has been typed", () => {
  const { field, type } = show();
  type("dai");
  pass(250);
  arrive("dai");
  arrive(undefined);
  expect(field).toHaveValue("");
  type("daily");
  arrive("other");
  expect(field).toHaveValue("daily");
  pass(250);
  expect(asked).toEqual(["dai", "daily"]);
});
