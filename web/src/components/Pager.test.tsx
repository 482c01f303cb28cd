import { MantineProvider } from "@mantine/core";
import { fireEvent, render, screen } from "@testing-library/react";
import { expect, it } from "vitest";
import { Pager } from "./Pager";

it("leads back from a page to which a second click came before its list did", () => {
  const went: (string | undefined)[] = [];
  const pager = (cursor?: string, next?: string) => (
    <MantineProvider>
      <Pager cursor={cursor} next={next} onCursor={(to) => went.push(to)} />
    </MantineProvider>
  );
  const { rerender } = render(pager(undefined, "second"));
  fireEvent.click(screen.getByText("Next page"));
  rerender(pager("second", "second")); // the list of the page before stands until this one's is there
  fireEvent.click(screen.getByText("Next page"));
  rerender(pager("second", "third"));
  fireEvent.click(screen.getByText("Back"));
  expect(went).toEqual(["second", undefined]);
});
