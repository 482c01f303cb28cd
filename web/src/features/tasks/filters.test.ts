import { expect, it } from "vitest";
import { hides, taskFilters } from "./filters";

it("takes what makes sense from an address and leaves out the rest", () => {
  const search = {
    q: "report",
    state: "paused",
    tag: "",
    handler: 5,
    sort: "-next_at",
    cursor: "abc",
    other: "x",
  };
  expect(taskFilters(search)).toEqual({ q: "report", state: "paused", sort: "-next_at", cursor: "abc" });
  expect(taskFilters({ state: "asleep", sort: "colour" })).toEqual({});
});

it("knows that an order hides nothing", () => {
  expect(hides({ sort: "-name", cursor: "abc" })).toBe(false);
  expect(hides({ tag: "ops" })).toBe(true);
});
