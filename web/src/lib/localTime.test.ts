import { expect, it } from "vitest";
import { toInstant, toLocal } from "./localTime";

it.each([true, false])("comes back as it went (UTC: %s)", (isUtc) => {
  const at = "2026-07-01T22:30:05.000Z";
  expect(toInstant(toLocal(at, isUtc), isUtc)).toBe(at);
});

it("is UTC where that is asked for, and nothing while the field is empty", () => {
  expect(toLocal("2026-07-01T22:30:00.000Z", true)).toBe("2026-07-01T22:30:00");
  expect(toInstant("2026-07-01T22:30", true)).toBe("2026-07-01T22:30:00.000Z");
  expect(toInstant("", true)).toBeUndefined();
});
