// A person's walk through the web UI, in a real Chromium: create, see it run, open its log, edit, pause, delete.
import assert from "node:assert/strict";
import { walkOverview } from "./browser_overview.mjs";
import { walkRuns } from "./browser_runs.mjs";
import { walkSchedules } from "./browser_schedules.mjs";
import { inBrowser } from "./browser_session.mjs";

await inBrowser(async (session) => {
  const { page, url, step, button, isNarrow } = session;
  await step("an empty list invites to create", async () => {
    await page.goto(`${url}/tasks`);
    await page.getByRole("link", { name: "New task" }).or(button("New task")).first().waitFor();
  });

  await step("a wrong field is shown beside it", async () => {
    await page.getByRole("link", { name: "New task" }).or(button("New task")).first().click();
    await page.getByLabel("Name", { exact: true }).fill("Heartbeat");
    await page.getByLabel("Task id").fill("heartbeat");
    await page.getByLabel("Cron expression").fill("61 * * * *");
    await page.getByText(/minute: 61 is out of range/).first().waitFor();
  });

  await step("the next runs are shown while typing", async () => {
    assert.equal(await page.getByLabel("Time zone").first().inputValue(), "Europe/Berlin");
    await page.getByLabel("Cron expression").fill("*/2 * * * * *");
    await page.getByText(/Every 2 seconds/).first().waitFor();
    await page.getByLabel("Payload").fill('{"greeting": "hello"}');
  });

  await step("it is saved and runs", async () => {
    await button("Save").click();
    await page.getByText("Heartbeat").first().waitFor();
    await page.goto(`${url}/tasks`);
    await page.getByRole("row", { name: /Heartbeat/ }).getByText(/succeeded/i).first().waitFor();
  });

  await step("its log line is in the execution log", async () => {
    await page.getByRole("link", { name: "Execution log", exact: true }).click();
    await page.getByRole("heading", { name: "Execution log", level: 1 }).waitFor(); // the list has rows of it, too
    await page.getByRole("row", { name: /Heartbeat/ }).first().getByRole("link").first().click();
    await page.getByText('"hello"').first().waitFor();
    await page.getByText(/logged/i).first().waitFor();
  });

  await step("a run that is not in the log yet is waited for", async () => {
    await page.goto(`${url}/runs/0123456789abcdef0123456789abcdef`);
    await page.getByText(/Not in the log yet/).waitFor();
  });

  await step("it is edited", async () => {
    await page.goto(`${url}/tasks`);
    await page.getByRole("link", { name: "Edit Heartbeat" }).or(button("Edit Heartbeat")).first().click();
    await page.getByLabel("Name", { exact: true }).fill("Heartbeat, renamed");
    await page.getByLabel("Payload").fill('{"greeting": "changed"}');
    await button("Save").click();
    await page.getByText("Heartbeat, renamed").first().waitFor();
  });

  await step("it is paused", async () => {
    await page.goto(`${url}/tasks`);
    await button("Pause Heartbeat, renamed").click();
    await button("Resume Heartbeat, renamed").waitFor();
    await page.getByRole("row", { name: /Heartbeat/ }).getByText(/paused/i).first().waitFor();
  });

  await step("it runs by hand while paused", async () => {
    await button("Run now Heartbeat, renamed").click();
    await page.goto(`${url}/runs`);
    await page.getByRole("row", { name: /manual/i }).first().waitFor();
  });

  await step("a filter that matches nothing says so", async () => {
    await page.goto(`${url}/tasks?q=nothing-is-called-this`);
    await page.getByText(/match/i).first().waitFor();
  });

  await step("on a phone", async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    await page.goto(`${url}/tasks`);
    await page.getByText("Heartbeat, renamed").first().waitFor();
    await isNarrow();
  });

  await step("in the dark", async () => {
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.emulateMedia({ colorScheme: "dark" });
    await page.goto(`${url}/runs`);
    await page.getByRole("row", { name: /Heartbeat/ }).first().waitFor();
  });

  await step("it is deleted", async () => {
    await page.emulateMedia({ colorScheme: "light" });
    await page.goto(`${url}/tasks`);
    await button("Delete Heartbeat, renamed").click();
    await page.getByRole("dialog").getByRole("button", { name: /Delete/ }).click();
    await page.getByText("Heartbeat, renamed").first().waitFor({ state: "detached" });
  });

  await walkRuns(session);
  await walkOverview(session);
  await walkSchedules(session);
});
