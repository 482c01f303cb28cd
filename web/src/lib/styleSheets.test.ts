// @vitest-environment jsdom
import { expect, it, vi } from "vitest";
import { retryStyleSheets } from "./styleSheets";

it("asks again for a style sheet until it comes", async () => {
  vi.useFakeTimers();
  retryStyleSheets();
  const link = Object.assign(document.createElement("link"), {
    rel: "stylesheet",
    href: "/assets/Part-1.css",
  });
  document.head.append(link);
  const current = () => document.head.querySelector("link");
  for (const _ of [1, 2]) {
    const before = current();
    before?.dispatchEvent(new Event("error"));
    expect(current()).toBe(before);
    await vi.advanceTimersByTimeAsync(3_000);
    expect(current()).not.toBe(before);
    expect(current()?.href).toBe(link.href);
  }
  vi.useRealTimers();
});
