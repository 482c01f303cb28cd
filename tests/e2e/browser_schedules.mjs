// What a schedule can be: pasted and mended, several in one, by the calendar, only when triggered; and chains of tasks.
import assert from "node:assert/strict";

/** Walks on from where the other steps have left the page. */
export async function walkSchedules({ page, url, step, button, isNarrow }) {
  const PASTED = "CRON_TZ=Europe/Berlin 0 9 * * * /usr/bin/backup.sh";
  const preview = () => page.getByRole("region", { name: "Preview" });
  const kind = (name) => page.getByRole("radiogroup", { name: "Kind of schedule" }).getByText(name, { exact: true });
  const member = (number) => page.getByRole("group", { name: `Schedule ${number}` });
  const run = (name) => page.getByRole("region", { name: `Run of ${name}` });
  const save = async (name) => {
    await button("Save").click();
    await page.getByRole("heading", { name, exact: true, level: 1 }).waitFor();
  };
  const begin = async (name, id) => {
    await page.goto(`${url}/tasks/new`);
    await page.getByLabel("Name", { exact: true }).fill(name);
    await page.getByLabel("Task id").fill(id);
  };
  await step("a pasted crontab line is understood", async () => {
    await begin("Backup", "backup");
    await page.getByLabel("Time zone").fill("UTC");
    await page.getByLabel("Cron expression").fill(PASTED);
    await button("Use this").waitFor();
    await page.getByText("Understood: 0 9 * * * · Europe/Berlin").waitFor();
  });

  await step("and put in its place by one press", async () => {
    await button("Use this").click();
    const cron = page.getByLabel("Cron expression");
    assert.equal(await cron.inputValue(), "0 9 * * *");
    assert.equal(await page.getByLabel("Time zone").inputValue(), "Europe/Berlin");
    assert.ok(await cron.evaluate((field) => field === document.activeElement), "the focus is lost");
    await preview().getByText("At 09:00", { exact: false }).waitFor();
    await button("Use this").waitFor({ state: "detached" });
    await save("Backup");
    await page.getByText("0 9 * * * · Europe/Berlin").waitFor();
  });

  await step("several schedules in one task", async () => {
    await begin("Many", "many");
    await page.getByLabel("Cron expression").fill("0 9 * * 1-5");
    await kind("Several").click();
    assert.equal(await page.getByLabel("Cron expression").inputValue(), "0 9 * * 1-5");
    await button("Add a schedule").click();
    await page.keyboard.type("0 9 * * MON");
    await button("Add a schedule").click();
    await member(3).getByLabel("Kind").selectOption("calendar");
    await member(3).getByLabel("First day").fill("2026-01-02");
    await preview().getByText("by 1 and 2").first().waitFor();
  });

  await step("which are saved, and edited as they were", async () => {
    await save("Many");
    await page.getByText("0 9 * * 1-5 + 0 9 * * MON + P2W · 09:00 · Europe/Berlin").waitFor();
    await page.getByText("by 1 and 2").first().waitFor();
    await page.getByRole("link", { name: "Edit", exact: true }).click();
    await member(3).waitFor();
    assert.equal(await member(2).getByLabel("Cron expression").inputValue(), "0 9 * * MON");
    assert.equal(await member(3).getByLabel("First day").inputValue(), "2026-01-02");
    await save("Many");
  });

  await step("every five months, at the end of the month", async () => {
    await begin("Inventory", "inventory");
    await kind("Calendar").click();
    await page.getByLabel("Every", { exact: true }).fill("5");
    await page.getByLabel("Unit", { exact: true }).selectOption("M");
    await page.getByLabel("First day").fill("2026-01-31");
    await page.getByLabel("In a month without that day").selectOption("skip");
    await preview().getByText("Every 5 months", { exact: false }).waitFor();
    await save("Inventory");
    await page.getByText("P5M · 09:00 · Europe/Berlin").waitFor();
  });

  await step("a minute by the task's name", async () => {
    await begin("", "hashed");
    await page.getByLabel("Cron expression").fill("H 9 * * *");
    await preview().getByText(/^H is \d+ for this task$/).waitFor();
    await save("hashed");
    await page.getByText(/^H is \d+ for this task$/).waitFor();
  });

  await step("a task that runs only when it is triggered", async () => {
    await begin("Load", "load");
    await kind("Only when triggered").click();
    await save("Load");
    await page.getByText("None: it runs only when it is triggered.").waitFor();
  });

  await step("a task that starts another one, found by its name", async () => {
    await begin("Extract", "extract");
    await kind("Only when triggered").click();
    await button("Start another task").click();
    await page.getByRole("combobox", { name: "Task", exact: true }).fill("Loa");
    await page.getByRole("option", { name: /Load/ }).waitFor();
  });

  await step("says so on its page", async () => {
    await page.getByRole("option", { name: /Load/ }).click();
    await save("Extract");
    const chain = page.getByRole("region", { name: "Chain" });
    await chain.getByText("Then starts").waitFor();
    await chain.getByRole("link", { name: "load" }).waitFor();
  });

  await step("its run starts the other one's", async () => {
    await button("Run now").click();
    await page.getByRole("link", { name: "Open the run" }).click();
    await run("Extract").getByText("Then started").waitFor();
    await run("Extract").getByRole("link", { name: "Load" }).click();
    await run("Load").getByRole("link", { name: "The run of extract" }).waitFor();
  });

  await step("and the other one's page says after what it starts", async () => {
    await page.goto(`${url}/tasks/load`);
    await page.getByText("Starts after").waitFor();
    await page.getByRole("link", { name: "extract" }).waitFor();
    await page.getByRole("tab", { name: "Runs" }).click();
    await page.getByRole("tab", { name: "Runs" }).click();
    await page.getByRole("row", { name: /chained/ }).first().waitFor();
  });

  await step("a circle is refused at the task that closes it", async () => {
    await page.goto(`${url}/tasks/load/edit`);
    await button("Start another task").click();
    await page.getByRole("combobox", { name: "Task", exact: true }).fill("extract");
    await page.keyboard.press("Escape");
    await button("Save").click();
    await page.getByText(/circle/).first().waitFor();
  });

  await step("a call is edited by its fields", async () => {
    await begin("Call", "call");
    await kind("Only when triggered").click();
    await page.getByLabel("Handler").selectOption("http");
    await page.getByLabel("URL", { exact: true }).fill("https://example.com/{{ nominal_at.date }}");
    await page.getByLabel("Who is calling").selectOption("bearer");
    await page.getByLabel("Token", { exact: true }).fill("secret://shop");
    await page.getByLabel("Body", { exact: true }).fill('{"run": "{{ run_id }}"}');
    await page.getByText(/^Templates:/).click();
    await save("Call");
    await page.getByText('"secret://shop"').first().waitFor();
  });

  await step("tasks with both tags, and what the address asks for in vain", async () => {
    await page.goto(`${url}/tasks?tag=none&tag=such&colour=red`);
    await page.getByText("colour=red").waitFor();
    await page.getByRole("button", { name: "Remove filter Tag such" }).waitFor();
    await page.getByText("No task matches").waitFor();
  });

  await step("several schedules on a phone", async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    await page.goto(`${url}/tasks/many/edit`);
    await member(3).scrollIntoViewIfNeeded();
    await isNarrow();
  });

  await step("a call on a phone, in the dark", async () => {
    await page.emulateMedia({ colorScheme: "dark" });
    await page.goto(`${url}/tasks/call/edit`);
    await page.getByLabel("Who is calling").scrollIntoViewIfNeeded();
    await isNarrow();
  });

  await step("a chain on a phone", async () => {
    await page.goto(`${url}/tasks/load`);
    await page.getByText("Starts after").scrollIntoViewIfNeeded();
    await isNarrow();
  });
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.emulateMedia({ colorScheme: "light" });
}
