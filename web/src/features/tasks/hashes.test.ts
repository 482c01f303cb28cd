import { expect, it } from "vitest";
import { hashes } from "./hashes";

it("says what each H stands for", () => {
  expect(hashes({ cron: "H H(0-7) * * *" }, { cron: "17 3 * * *" })).toEqual([
    { written: "H", value: "17" },
    { written: "H(0-7)", value: "3" },
  ]);
});

it("of each of several, and of nothing else", () => {
  const [fixed, interval] = [{ cron: "0 9 * * *" }, { every: "PT1M" }];
  const any = [fixed, { cron: "H/15 * * * *" }, interval, { cron: "H/15 3 * * *" }];
  const resolved = [fixed, { cron: "4/15 * * * *" }, interval, { cron: "4/15 3 * * *" }];
  expect(hashes({ any }, { any: resolved })).toEqual([{ written: "H/15", value: "4/15" }]);
  expect(hashes({ manual: true }, { manual: true })).toEqual([]);
});

it("and of an expression as a whole where its fields are not those of the other", () => {
  expect(hashes({ cron: "@daily" }, { cron: "0 0 * * *" })).toEqual([
    { written: "@daily", value: "0 0 * * *" },
  ]);
});
