import { expect, it } from "vitest";
import { inWords, iso, single, spoken } from "./duration";

it.each([
  [41, "41 ms"],
  [-60, "−60 ms"],
  [1_204, "1.20 s"],
  [14_050, "14.1 s"],
  [200_000, "3 min 20 s"],
  [7_500_000, "2 h 5 min"],
  [86_400_000, "1 d"],
])("says %d as %s", (ms, words) => {
  expect(inWords(ms)).toBe(words);
});

it("splits a duration of one unit and puts it together again", () => {
  for (const text of ["PT30S", "PT15M", "PT1H", "P7D"]) {
    const found = single(text);
    expect(found && iso(found.amount, found.unit)).toBe(text);
  }
  expect(single("PT1H30M")).toBeNull();
});

it("speaks of one and of many", () => {
  expect(spoken("PT1M")).toBe("1 minute");
  expect(spoken("PT30S")).toBe("30 seconds");
  expect(spoken("P1DT1H30M1.5S")).toBe("1 day 1 hour 30 minutes 1.5 seconds");
  expect(spoken("P1W")).toBe("P1W");
  expect(spoken("")).toBe("");
});
