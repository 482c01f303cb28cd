// @vitest-environment jsdom
import { expect, it } from "vitest";
import { exportAddress, formatOf } from "./taskFile";

it.each([
  ["tasks.yml", "", "yaml"],
  ["TASKS.JSON", "", "json"],
  ["", '{"tasks": []}', "json"],
  ["", '{"id": "a"}\n{"id": "b"}', "ndjson"],
  ["", "# of ours\ntasks:\n  - id: a", "yaml"],
  ["", "*/5 * * * * curl https://example.com", "crontab"],
  ["crontab", "", "crontab"],
])("takes a file %j that says %j for %s", (name, text, format) => {
  expect(formatOf(name, text)).toBe(format);
});

it("exports what the filters of the list leave over", () => {
  const filters = { q: "rep", tag: ["a", "b"], min_failures: 2, sort: "-name", cursor: "x" } as const;
  expect(exportAddress({ ...filters, tag: [...filters.tag] }, "yaml")).toBe(
    "/api/v1/exports?format=yaml&q=rep&min_failures=2&tag=a&tag=b",
  );
});
