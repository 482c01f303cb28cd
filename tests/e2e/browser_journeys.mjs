// What an operator does, from its begin to its end: an import and its undo, thousands paused by a filter, an edit whose
// effect is seen before, two people who edit one task, a version put back, a log that is followed, a time that did not
// run, the keyboard, a server that goes and comes back.
import assert from "node:assert/strict";
import { walkPages } from "./browser_pages.mjs";
import { ask, askNoMore, inBrowser } from "./browser_session.mjs";

const MANY = 5_000;
// The browser says so of each request while the server is gone, and while somebody edits what another has changed.
const GONE = [/ERR_CONNECTION_REFUSED/, /ERR_CONNECTION_RESET/, /ERR_EMPTY_RESPONSE/, /ERR_INCOMPLETE_CHUNKED/, /status of 503/, /status of 412/];

/** In the page: whether every style sheet has come. One that failed has a `sheet` too, but its rules can't be read. */
const areStylesRead = () =>
  [...document.querySelectorAll("link[rel=stylesheet]")].every(({ sheet }) => {
    try {
      return sheet?.cssRules.length > 0;
    } catch {
      return false;
    }
  });

await inBrowser(
  async (session) => {
    const { url, page, context, step, button } = session;
    const dialog = () => page.getByRole("dialog");
    const row = (name) => page.getByRole("row", { name });
    const lost = () => page.getByText("Tasker can't be reached.", { exact: true });
    const versions = () => page.getByRole("list", { name: "Versions" }).getByRole("listitem", { name: /^Version/ });
    const put = async (id, task) => {
      const answer = await page.request.put(`${url}/api/v1/tasks/${id}`, { data: task });
      assert.ok(answer.ok(), await answer.text());
    };

    await step("thousands are planned from a file", async () => {
      const crontab = Array.from({ length: MANY }, (_, i) => ({
        ...{ id: `many-${i}`, name: `Many ${i}`, schedule: { cron: `${i % 60} 3 1 1 *` }, tags: ["many"] },
      }));
      await page.goto(`${url}/import`);
      const file = { name: "many.json", mimeType: "application/json", buffer: Buffer.from(JSON.stringify({ tasks: crontab })) };
      await page.locator('input[type="file"]').setInputFiles(file);
      await button("Show what it would do").click();
      await page.getByText(`${MANY.toLocaleString("en-GB")} created`, { exact: false }).waitFor({ timeout: 60_000 });
    });

    await step("and imported", async () => {
      await page.getByRole("button", { name: /^Import 5,000 tasks/ }).click();
      const imported = page.getByRole("region", { name: /Import/ });
      await imported.getByText("Done").waitFor({ timeout: 60_000 });
      await imported.getByText("5,000 accepted").waitFor();
    });

    await step("all that match a filter are counted before they are paused", async () => {
      await page.goto(`${url}/tasks?tag=many`);
      await page.getByRole("checkbox", { name: "Select all on this page" }).check();
      await button("Select all that match this filter").click();
      await button("Pause…").click();
      await dialog().getByRole("button", { name: "Pause 5,000 tasks" }).waitFor();
    });

    let countOn;
    await step("what was counted can be read while it is counted anew", async () => {
      const until = new Promise((resolve) => (countOn = resolve));
      await page.route("**/api/v1/bulk-actions", (route) => until.then(() => route.continue()));
      await page.waitForFunction(() => {
        document.dispatchEvent(new Event("visibilitychange", { bubbles: true })); // as for somebody who comes back to this tab
        return document.querySelector("[role=dialog] [role=status][data-old]");
      });
    });

    await step("they are paused", async () => {
      countOn();
      await page.unrouteAll({ behavior: "wait" });
      await dialog().getByRole("button", { name: "Pause 5,000 tasks" }).click();
      await dialog().getByText("5,000 accepted").waitFor({ timeout: 60_000 });
      await dialog().getByText("Done").waitFor();
    });

    await step("and it is taken back", async () => {
      await dialog().getByRole("button", { name: "Undo" }).click();
      await dialog().getByText("5,000 accepted").waitFor({ timeout: 60_000 });
      await dialog().getByRole("button", { name: "Close" }).last().click();
      await page.goto(`${url}/tasks?tag=many&state=active`);
      await row(/Many 0/).first().waitFor();
    });

    await step("an edit says what it does to the runs that come", async () => {
      await put("shift", { name: "Shift", schedule: { cron: "0 9 * * *", timezone: "Europe/Berlin" } });
      await page.goto(`${url}/tasks/shift/edit`);
      await page.getByLabel("Cron expression").fill("30 9 * * 1-5");
      const changes = page.getByRole("region", { name: "What changes" });
      await changes.getByText(/\d+ moved/).waitFor();
      await changes.getByText(/\d+ removed/).waitFor();
    });

    await step("and what came of it is in the history", async () => {
      await button("Save").click();
      await page.getByRole("heading", { name: "Shift", level: 1 }).waitFor();
      await page.getByRole("tab", { name: "History" }).click();
      await versions().first().getByText("30 9 * * 1-5").first().waitFor();
    });

    await step("a version is put back", async () => {
      await versions().last().getByRole("button", { name: "Revert to this version…" }).click();
      await dialog().getByLabel(/^Note/).fill("too late for the report");
      await dialog().getByRole("button", { name: "Revert" }).click();
      await versions().nth(2).waitFor();
      await versions().first().getByText("too late for the report").first().waitFor();
    });

    const other = await context.newPage();
    other.setDefaultTimeout(15_000);
    await step("two people edit one task", async () => {
      for (const one of [page, other]) {
        await one.goto(`${url}/tasks/shift/edit`);
        await one.getByLabel("Name", { exact: true }).waitFor();
      }
      await other.getByLabel("Name", { exact: true }).fill("Shift of the night");
      await other.getByLabel("Cron expression").fill("0 22 * * *");
      await other.getByRole("button", { name: "Save", exact: true }).click();
      await other.getByRole("heading", { name: "Shift of the night", level: 1 }).waitFor();
      await other.close();
      await page.bringToFront();
      await page.getByLabel("Name", { exact: true }).fill("Shift of the day");
      await page.getByRole("combobox", { name: "Tags" }).fill("day");
      await page.getByRole("combobox", { name: "Tags" }).press("Enter");
      await button("Save").click();
      const both = page.getByRole("region", { name: "Two changes of this task" });
      await both.getByRole("heading", { name: "Your change and theirs" }).waitFor();
      await both.getByRole("region", { name: "Name: changed" }).getByText("Shift of the night").waitFor();
    });

    await step("and nothing of either is lost", async () => {
      const both = page.getByRole("region", { name: "Two changes of this task" });
      await both.getByRole("region", { name: "Name: changed" }).getByLabel("Mine").check();
      assert.equal(await page.getByLabel("Cron expression").inputValue(), "0 22 * * *");
      await button("Save").click();
      await page.getByRole("heading", { name: "Shift of the day", level: 1 }).waitFor();
      await page.getByText("0 22 * * *", { exact: false }).first().waitFor();
      await page.getByText("day", { exact: true }).first().waitFor();
    });

    await step("why a time did not run", async () => {
      const at = (minutes) => new Date(Date.now() + minutes * 60_000).toISOString();
      await put("past", { schedule: { every: "PT1H", start: at(-600) }, misfire: { policy: "none" } });
      await page.goto(`${url}/tasks/past?tab=occurrences`);
      const times = page.getByRole("list", { name: "Occurrences" }).getByRole("listitem");
      await times.nth(2).getByText(/^Not run: the task was only created at/).waitFor();
    });

    await step("the log is followed, and its rows stay where they are while one reads", async () => {
      await put("pulse", { name: "Pulse", schedule: { every: "PT1S" } });
      await page.goto(`${url}/runs`);
      await row(/Pulse/).nth(30).waitFor({ timeout: 60_000 });
      await page.mouse.move(600, 500);
      await page.mouse.wheel(0, 400);
      const link = row(/Pulse/).nth(15).getByRole("link").first();
      const id = await link.getAttribute("data-run");
      const before = await page.locator(`[data-run="${id}"]`).boundingBox();
      await page.getByRole("button", { name: /new runs?$/ }).waitFor();
      await page.getByRole("button", { name: /^[3-9] new runs$/ }).waitFor();
      assert.deepEqual(await page.locator(`[data-run="${id}"]`).boundingBox(), before);
    });

    await step("what is new comes by a press", async () => {
      await page.getByRole("button", { name: /new runs?$/ }).click();
      await page.getByRole("button", { name: /new runs?$/ }).waitFor({ state: "detached" });
      assert.equal(await page.evaluate(() => window.scrollY), 0);
    });

    await step("by the keyboard to a task", async () => {
      await page.keyboard.press("Control+k");
      await page.getByRole("textbox", { name: "A page, a task, a run or what to do" }).fill("shift");
      await dialog().getByRole("option", { name: /^Shift of the day/ }).waitFor();
    });

    await step("and through a list", async () => {
      await page.keyboard.press("Enter");
      await page.getByRole("heading", { name: "Shift of the day", level: 1 }).waitFor();
      await page.goto(`${url}/tasks?tag=many`);
      await row(/Many 0/).first().waitFor();
      for (const key of ["j", "j", "x"]) await page.keyboard.press(key);
      await page.getByText("1 task selected").waitFor();
      await page.keyboard.press("?");
      await dialog().getByText("Next row").waitFor();
    });

    const listed = async (path) => (await (await page.request.get(`${url}/api/v1/${path}`)).json()).items[0].id;
    await walkPages(session, { task: "pulse", run: await listed("runs?task_id=pulse"), changeSet: await listed("change-sets") });

    await step("a server that is gone is told, and what stands there stays", async () => {
      await page.goto(`${url}/tasks/shift/edit`);
      await page.getByLabel("Name", { exact: true }).fill("Shift, unsaved");
      await ask("stop api");
      await lost().waitFor({ timeout: 30_000 });
      await page.getByText("Offline", { exact: true }).waitFor();
      await page.route(/CommandPalette/, (route) => route.abort("connectionrefused")); // it may be in the browser's cache
      await page.keyboard.press("Control+k");
      await page.getByRole("alert").getByText("“Go to anything” can't be shown").waitFor();
      await button("Close the message").click();
      assert.equal(await page.getByLabel("Name", { exact: true }).inputValue(), "Shift, unsaved");
    });

    await step("and goes on by itself when it is back", async () => {
      await ask("start api");
      await lost().waitFor({ state: "detached", timeout: 30_000 });
      await page.getByText("Live", { exact: true }).waitFor({ timeout: 30_000 });
      await page.unroute(/CommandPalette/);
      await page.keyboard.press("Control+k");
      await dialog().getByRole("textbox", { name: "A page, a task, a run or what to do" }).waitFor();
      await page.waitForFunction(areStylesRead);
      await page.keyboard.press("Escape");
      await dialog().waitFor({ state: "detached" });
      await button("Save").click();
      await page.getByRole("heading", { name: "Shift, unsaved", level: 1 }).waitFor();
    });
    askNoMore();
  },
  { name: "journey-", answers: GONE },
);
