import { expect, it } from "vitest";
import { shiftInWords } from "./shift";

it.each([
  [3_600, "1 h later"],
  [-90, "1 min 30 s earlier"],
  [90_061, "1 d 1 h 1 min 1 s later"],
  [0, "at the same time"],
])("says a shift of %i s in words", (seconds, words) => expect(shiftInWords(seconds)).toBe(words));
