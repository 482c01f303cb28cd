// A picture of each page, in both themes and on a phone. Usage: node screenshots.mjs <url> <folder>.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { openPage, pagesOf } from "./browser_pages.mjs";
import { inBrowser } from "./browser_session.mjs";

const folder = process.argv[3];
const VIEWS = {
  light: { width: 1440, height: 900, colorScheme: "light" },
  dark: { width: 1440, height: 900, colorScheme: "dark" },
  phone: { width: 390, height: 844, colorScheme: "light" },
};

await inBrowser(async ({ url, page }) => {
  const item = async (path) => (await (await page.request.get(`${url}/api/v1/${path}`)).json()).items[0];
  const failed = await item("runs?state=failed&task_id=price-feed");
  const of = { task: failed.task_id, run: failed.id, changeSet: (await item("change-sets")).id };

  /** What is not a page of its own: how one comes there. */
  const scenes = {
    "edit-changes": async () => {
      await openPage(page, url, "tasks/nightly-report/edit");
      await page.getByLabel("Cron expression").fill("30 6 * * 1-5");
      const changes = page.getByRole("region", { name: "What changes" });
      await changes.getByText(/\d+ moved/).waitFor();
      await page.getByLabel("Cron expression").scrollIntoViewIfNeeded();
    },
    bulk: async () => {
      await openPage(page, url, "tasks?tag=shop");
      await page.getByRole("checkbox", { name: "Select all on this page" }).check();
      await page.getByRole("region", { name: "Selected tasks" }).getByRole("button").last().waitFor();
    },
    palette: async () => {
      await openPage(page, url, "");
      await page.keyboard.press("Control+k");
      await page.getByRole("textbox", { name: /A page, a task/ }).fill("st");
      await page.getByRole("option").nth(3).waitFor();
    },
    "why-not": async () => openPage(page, url, "tasks/stock-sync?tab=occurrences&status=missed"),
  };
  for (const [view, { width, height, colorScheme }] of Object.entries(VIEWS)) {
    await mkdir(join(folder, view), { recursive: true });
    await page.setViewportSize({ width, height });
    await page.emulateMedia({ colorScheme });
    const picture = async (name) => {
      await page.screenshot({ path: join(folder, view, `${name.replaceAll(" ", "-")}.png`) });
      console.log(`${view}/${name}`);
    };
    for (const [name, path] of Object.entries(pagesOf(of))) {
      await openPage(page, url, path);
      // Charts are drawn once their library is read.
      const isBesideLog = path === `runs/${of.run}` && view !== "phone";
      if (["", "runs"].includes(path) || isBesideLog) await page.locator("canvas").first().waitFor();
      await picture(name);
    }
    for (const [name, scene] of Object.entries(scenes)) {
      if (view === "phone" && name === "bulk") continue;
      await scene();
      await picture(name);
    }
  }
});
