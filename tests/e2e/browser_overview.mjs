// What an operator looks at first: what fails and why, what comes, how the system is; and what holds on every page.
import assert from "node:assert/strict";

/** Walks on from where the other steps have left the page: a task `fragile` fails, `heartbeat` is gone. */
export async function walkOverview({ page, url, step, button, isNarrow }) {
  await step("the overview says what fails, and why", async () => {
    await page.goto(url);
    const failing = page.getByRole("list", { name: "Failing tasks" }).getByRole("listitem");
    await failing.filter({ hasText: "Brittle" }).getByText(/connect/).waitFor();
    await page.getByRole("listitem", { name: "Executed and logged within 10 s" }).getByText("%").waitFor();
    await page.getByText("Live", { exact: true }).waitFor();
    await page.locator("canvas").first().waitFor();
  });

  await step("a failing run is two clicks away", async () => {
    const failing = page.getByRole("list", { name: "Failing tasks" }).getByRole("listitem");
    await failing.filter({ hasText: "Brittle" }).getByRole("link").nth(1).click();
    await page.getByRole("region", { name: /^Run of Brittle/ }).getByText("Failed").first().waitFor();
  });

  await step("its figures lead to the lists behind them", async () => {
    await page.goto(url);
    await page.getByRole("listitem", { name: "Failing tasks" }).getByRole("link").click();
    await page.getByRole("row", { name: /Brittle/ }).first().waitFor();
    assert.match(page.url(), /min_failures=1/);
  });

  await step("times by another clock", async () => {
    await page.goto(`${url}/runs`);
    await page.getByRole("columnheader", { name: /Time \((CET|CEST)\)/ }).waitFor();
    await button("Clock and colours").click();
    await page.getByRole("radiogroup", { name: "Whose clock" }).getByText("UTC").click();
    await page.getByRole("columnheader", { name: "Time (UTC)" }).waitFor();
    await page.getByRole("radiogroup", { name: "Whose clock" }).getByText("Mine").click();
    await page.keyboard.press("Escape");
  });

  await step("a run is found by the begin of its id, and by its task's name", async () => {
    await page.goto(`${url}/runs`);
    const first = page.getByRole("row", { name: /Fragile/ }).first().getByRole("link").first();
    const id = new URL(await first.getAttribute("href"), url).pathname.split("/").at(-1);
    await page.getByRole("searchbox", { name: "Search runs" }).fill(id.slice(0, 8));
    await page.waitForURL(/q=/);
    await page.locator(`[data-run="${id}"]`).waitFor();
    await page.getByRole("searchbox", { name: "Search runs" }).fill("fragi");
    await page.locator(`[data-run="${id}"]`).waitFor();
    assert.equal(await page.getByRole("row", { name: /Heartbeat/ }).count(), 0);
  });

  await step("what an address asks for in vain is said", async () => {
    await page.goto(`${url}/runs?state=weird&lane=live`);
    await page.getByText("state=weird").waitFor();
    await page.goto(`${url}/upcoming?span=century`);
    await page.getByText("span=century").waitFor();
  });

  await step("what comes", async () => {
    await page.goto(`${url}/upcoming?span=week`);
    await page.getByRole("heading", { name: "The hottest moment" }).waitFor();
    assert.ok((await page.locator("[style*=--heat]").count()) > 100);
  });

  await step("what was missed", async () => {
    await page.goto(`${url}/runs`);
    await page.getByRole("link", { name: "Missed", exact: true }).click();
    await page.getByRole("heading", { name: "Nothing was missed" }).waitFor();
  });

  await step("how the system is", async () => {
    await page.getByRole("link", { name: "System", exact: true }).click();
    await page.getByRole("row", { name: /^11 / }).waitFor();
    await page.getByRole("row", { name: /executor/ }).first().waitFor();
    await page.getByRole("link", { name: "Keys", exact: true }).click();
    await page.getByRole("heading", { name: "There are no keys here" }).waitFor();
  });

  await page.setViewportSize({ width: 320, height: 700 });
  await page.emulateMedia({ colorScheme: "dark" });
  const pages = { overview: "", upcoming: "upcoming", log: "runs", missed: "missed", system: "system", keys: "system/keys" };
  for (const [name, path] of Object.entries(pages)) {
    await step(`the ${name} on a small phone, in the dark`, async () => {
      await page.goto(`${url}/${path}`);
      await page.getByRole("heading", { level: 1 }).waitFor();
      await page.getByRole("status", { name: /^Loading/ }).first().waitFor({ state: "detached" });
      await isNarrow();
    });
  }
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.emulateMedia({ colorScheme: "light" });
}
