// A real Chromium before a running Tasker: steps with a screenshot and axe each, and what the browser complained of.
// Scripts are called with <url> <folder for screenshots>; CHROMIUM names the browser.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";

const require = createRequire(new URL("../../web/package.json", import.meta.url));
const { chromium } = require("playwright-core");
const AxeBuilder = require("@axe-core/playwright").default;
const FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"];
// What the browser itself reports as an error, though the pages ask for it: input that the server judges while it is
// typed, and a run just triggered, which is asked for until it is in the log.
const ANSWERS = [/status of 422 .* \/api\/v1\//, /status of 404 .* \/api\/v1\/runs\/[0-9a-f]{32}$/];

/**
 * Runs `walk({ url, page, context, step, button, isNarrow })` and ends the process with what it found. `name`: the begin of
 * the screenshots' names. `answers`: complaints beside the usual ones that belong to the walk. `time`: of each wait.
 */
export async function inBrowser(walk, { name = "", answers = [], time = 15_000 } = {}) {
  const [url, folder] = process.argv.slice(2);
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: FLAGS });
  const context = await browser.newContext({
    ...{ viewport: { width: 1280, height: 800 }, timezoneId: "Europe/Berlin" },
    reducedMotion: "reduce", // no screenshot shows half a dialog
  });
  const complaints = [];
  context.on("weberror", (error) => complaints.push(`page error: ${error.error()}`));
  context.on("console", (line) => {
    const from = line.location().url;
    if (line.type() === "error") complaints.push(`console: ${line.text()} ${from && new URL(from, url).pathname}`);
  });
  const page = await context.newPage();
  page.setDefaultTimeout(time);
  let shots = 0;
  const shot = (what, of = page) =>
    of.screenshot({ path: join(folder, `${name}${String(++shots).padStart(2, "0")}-${what.replaceAll(/\W+/g, "-")}.png`) });

  /** One step of the walk: looked at, and held against WCAG 2 A and AA. `of`: the page it ends on. */
  async function step(title, what, of = page) {
    await what();
    await shot(title, of);
    await checkAccess(of, title);
    console.log(`ok ${title}`);
  }
  const button = (title) => page.getByRole("button", { name: title, exact: true });
  const isNarrow = async () => {
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    assert.ok(wide <= 0, `the page is ${wide} pixels wider than the screen`);
  };
  try {
    await walk({ url, page, context, step, button, isNarrow });
    const unexpected = complaints.filter((text) => ![...ANSWERS, ...answers].some((answer) => answer.test(text)));
    assert.deepEqual(unexpected, [], "the browser complained");
  } catch (error) {
    for (const one of context.pages()) {
      await shot("failed", one);
      console.log(await one.locator("body").ariaSnapshot());
    }
    console.log(complaints.join("\n"));
    throw error;
  } finally {
    await browser.close();
  }
}

/** Holds a page against WCAG 2 A and AA as it is. */
export async function checkAccess(page, title) {
  // Each rule, in half the time: only what is wrong is described, and no page of its own is opened to sum it up, which
  // only frames of other origins would need.
  const axe = new AxeBuilder({ page }).options({ resultTypes: ["violations"] }).setLegacyMode(true);
  const { violations } = await axe.withTags(["wcag2a", "wcag2aa"]).analyze();
  const found = violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(" ")}`);
  assert.deepEqual(found, [], `accessibility at "${title}"`);
}

let lines;
/** Asks whoever has started this script to do something to the system; returns once it says that it is done. */
export async function ask(deed) {
  lines ??= createInterface({ input: process.stdin })[Symbol.asyncIterator]();
  console.log(`? ${deed}`);
  const { value } = await lines.next();
  assert.equal(value, "done");
}

/** Lets the process end though it could still be told something. */
export function askNoMore() {
  process.stdin.destroy();
}
