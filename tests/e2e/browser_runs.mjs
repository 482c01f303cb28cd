// What is done to runs: tried again, cancelled, run again, backfilled; and what no service could use.
import assert from "node:assert/strict";

/** Walks on from where the other steps have left the page. */
export async function walkRuns({ page, url, step, button, isNarrow }) {
  const dialog = () => page.getByRole("dialog");
  const run = () => page.getByRole("region", { name: /^Run of Fragile/ });
  const advanced = () => page.getByText(/the advanced options/);
  const local = (daysAgo, hour) => {
    const day = new Date(Date.now() - daysAgo * 86_400_000).toISOString().slice(0, 10);
    return `${day}T${String(hour).padStart(2, "0")}:00:00`;
  };

  await step("what a handler takes is shown by its schema", async () => {
    await page.goto(`${url}/tasks/new`);
    await page.getByLabel("Handler").selectOption("http");
    await page.getByText("JSON", { exact: true }).click();
    const help = page.getByRole("region", { name: "What http takes" });
    await help.getByText("URL · needed").waitFor();
    await button("Begin with what it needs").click();
    assert.equal(await page.getByLabel("Payload", { exact: true }).inputValue(), '{\n  "url": ""\n}');
    await advanced().scrollIntoViewIfNeeded();
  });

  await step("a wrong option is shown where it is", async () => {
    await page.evaluate(() => window.scrollTo(0, 0));
    await page.getByLabel("Name", { exact: true }).fill("Fragile");
    await page.getByLabel("Task id").fill("fragile");
    await page.getByLabel("Cron expression").fill("0 * * * *");
    await page.getByLabel("Handler").selectOption("curl");
    await page.getByLabel("URL").fill("http://127.0.0.1:1/nobody-listens");
    await advanced().click();
    await page.getByLabel("While another run is unfinished").selectOption("skip");
    await page.getByLabel("Attempts", { exact: true }).fill("5");
    await page.getByLabel("First pause", { exact: true }).fill("90");
    await page.getByLabel("Left out", { exact: true }).fill("2026-12-25\nnever");
    await page.getByText(/never: /).first().waitFor();
    await page.getByLabel("While another run is unfinished").scrollIntoViewIfNeeded();
  });

  await step("what is set is said, and saved", async () => {
    await page.getByLabel("Left out", { exact: true }).fill("2026-12-25");
    await page.getByText("bounded · overlaps are skipped · 5 attempts").waitFor();
    await page.getByText(/never: /).first().waitFor({ state: "detached" });
    await button("Save").click();
    await page.getByRole("heading", { name: "Fragile", exact: true }).waitFor();
    await page.getByText(/up to 5: 1 minute 30 seconds after a failure/).waitFor();
  });

  await step("a failing run is tried again", async () => {
    await button("Run now").click();
    await page.getByRole("link", { name: "Open the run" }).click();
    await run().getByText("Retrying").first().waitFor();
    await run().getByText(/Attempt 2.*is due/).waitFor();
  });

  await step("cancelling it asks first", async () => {
    await button("Cancel run").click();
    await dialog().getByText("Its next attempt will not come.").waitFor();
  });

  await step("it is cancelled", async () => {
    await dialog().getByRole("button", { name: "Cancel run" }).click();
    await run().getByRole("status").getByText("Cancelled").waitFor();
    await run().getByText(/Attempt 1.*failed/).waitFor();
    await dialog().waitFor({ state: "detached" });
  });

  await step("it runs again with another payload", async () => {
    await button("Run again…").click();
    await dialog().getByLabel("Payload").fill('"http://127.0.0.1:1/another"');
  });

  await step("the new run has it", async () => {
    await dialog().getByRole("button", { name: "Run again" }).click();
    const message = page.locator(".mantine-Notification-root").filter({ hasText: "Fragile runs again" });
    await message.getByRole("link", { name: "Open the run" }).click();
    await run().getByText("http://127.0.0.1:1/another").first().waitFor();
  });

  await step("a backfill is counted before it begins", async () => {
    await page.goto(`${url}/tasks/fragile`);
    await button("More").click();
    await page.getByRole("menuitem", { name: "Backfill…" }).click();
    await dialog().getByLabel("From", { exact: true }).fill(local(3, 0));
    await dialog().getByLabel("Up to", { exact: true }).fill(local(3, 6));
    await dialog().getByText("6 runs").waitFor();
  });

  await step("its runs are in the log", async () => {
    await dialog().getByRole("button", { name: "Run them" }).click();
    await page.getByText("Fragile is being backfilled").waitFor();
    await page.getByRole("tab", { name: "Runs" }).click();
    await page.getByText("backfill", { exact: true }).first().waitFor();
  });

  await step("all that is unfinished is cancelled", async () => {
    await button("More").click();
    await page.getByRole("menuitem", { name: "Cancel unfinished runs…" }).click();
    await dialog().getByRole("button", { name: "Cancel the runs" }).click();
    await page.getByText(/Unfinished runs of Fragile are being cancelled/).waitFor();
    await page.getByRole("row", { name: /Retrying/ }).first().waitFor({ state: "detached" });
    await dialog().waitFor({ state: "detached" });
  });

  await step("a task that fails too often pauses itself, and says why", async () => {
    await page.goto(`${url}/tasks/new`);
    await page.getByLabel("Name", { exact: true }).fill("Brittle");
    await page.getByLabel("Task id").fill("brittle");
    await page.getByLabel("Cron expression").fill("0 0 1 1 *");
    await page.getByLabel("Handler").selectOption("curl");
    await page.getByLabel("URL").fill("http://127.0.0.1:1/nobody-listens");
    await advanced().click();
    await page.getByLabel("Pause after failures in a row").fill("2");
    await page.getByText("paused after failures").waitFor();
    await button("Save").click();
    await page.getByText("after 2 failures in a row").waitFor();
    await page.getByRole("tab", { name: "Runs" }).click();
    await button("Run now").click();
    await page.getByRole("row", { name: /Failed/ }).first().waitFor();
    await button("Run now").click();
    await page.getByRole("alert").getByText(/^Paused after 2 failures in a row; the last one: connect: /).waitFor();
    await button("Resume").waitFor();
  });

  await step("it goes on on request", async () => {
    await button("Resume").click();
    await button("Pause").waitFor();
    await page.getByText(/^Paused after/).waitFor({ state: "detached" });
  });

  await step("what no service could use is listed by its cause", async () => {
    await page.getByRole("link", { name: "System", exact: true }).click();
    await page.getByRole("link", { name: "Dead letters", exact: true }).click();
    const causes = page.getByRole("list", { name: "Causes" });
    await causes.getByRole("listitem").filter({ hasText: "task-events" }).first().getByRole("link").first().click();
  });

  await step("and each with what it is", async () => {
    const letter = page.getByRole("listitem", { name: /^Dead letter/ }).filter({ hasText: "task-events" }).first();
    await letter.getByText(/not JSON/).first().waitFor();
    await letter.locator("summary").click();
    await letter.getByText("not an event").waitFor();
  });

  await step("it is sent back after asking", async () => {
    const letters = page.getByRole("listitem", { name: /^Dead letter/ }).filter({ hasText: "task-events" });
    const before = await letters.count();
    await letters.first().getByRole("button", { name: "Send back…" }).click();
    await dialog().getByRole("button", { name: "Send back" }).click();
    await page.getByText("It was sent back").waitFor();
    // What still can't be read comes back as a new dead letter.
    await letters.nth(before).or(button("Look again")).first().waitFor();
    for (let tries = 0; (await letters.count()) <= before; tries += 1) {
      assert.ok(tries < 50, "the event has not come back");
      await button("Look again").click();
      await page.locator("[data-loading]").first().waitFor({ state: "detached" });
    }
  });

  await step("the dialog on a phone, in the dark", async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    await page.emulateMedia({ colorScheme: "dark" });
    await page.goto(`${url}/tasks/fragile`);
    await button("More").click();
    await page.getByRole("menuitem", { name: "Backfill…" }).click();
    await dialog().getByText("What failed").click();
    await dialog().getByText(/nothing to run|\d runs?/).first().waitFor();
  });

  await step("the dead letters on a phone", async () => {
    await page.goto(`${url}/system/dead-letters?view=each`);
    await page.getByRole("listitem", { name: /^Dead letter/ }).first().waitFor();
    await isNarrow();
  });

  await step("the advanced options on a phone", async () => {
    await page.goto(`${url}/tasks/fragile/edit`);
    await page.getByLabel("While another run is unfinished").scrollIntoViewIfNeeded();
    assert.equal(await page.getByLabel("Attempts", { exact: true }).inputValue(), "5");
    await isNarrow();
  });
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.emulateMedia({ colorScheme: "light" });
}
