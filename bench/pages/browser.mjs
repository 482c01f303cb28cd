// What the pages of a running Tasker cost a browser. Usage: node browser.mjs <url> <count>; CHROMIUM names the browser.
// Prints JSON, a line each: {"load"|"act"|"watch": …}; times in milliseconds, sizes in bytes as they were transferred.
import { createRequire } from "node:module";

const require = createRequire(new URL("../../web/package.json", import.meta.url));
const { chromium } = require("playwright-core");
const [url, count] = [process.argv[2], Number(process.argv[3])];
const PAGES = { overview: "", tasks: "tasks", "new task": "tasks/new", log: "runs", upcoming: "upcoming", system: "system" };
/** Lighthouse's slow 4G and its mid-range phone; and the machine as it is. */
const SLOW = { latency: 150, downloadThroughput: (1.6 * 1024 * 1024) / 8, uploadThroughput: (0.75 * 1024 * 1024) / 8 };
const LINES = { "as it is": null, "slow 4G, CPU / 4": SLOW };
const WATCHED_SECONDS = 20;
const BUSY = "main [aria-busy='true'], main [data-loading]";

const flags = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"];
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: flags });
const say = (line) => console.log(JSON.stringify(line));
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
const rank = (values, share) => [...values].sort((a, b) => a - b)[Math.max(0, Math.ceil(values.length * share) - 1)] ?? 0;

/** Remembers paints, long tasks and how long each event took until the next frame showed it. */
function observe() {
  const seen = { paint: 0, largest: 0, tasks: [], events: [] };
  window.seen = seen;
  const on = (type, take, more) => {
    new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({ type, buffered: true, ...more });
  };
  on("paint", (one) => one.name === "first-contentful-paint" && (seen.paint = one.startTime));
  on("largest-contentful-paint", (one) => (seen.largest = one.startTime));
  on("longtask", (one) => seen.tasks.push(one.duration));
  on("event", (one) => one.interactionId && seen.events.push(one.duration), { durationThreshold: 16 });
}

async function fresh() {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: "reduce" });
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  await page.addInitScript(observe);
  return { context, page };
}

async function settled(page) {
  await page.getByRole("heading", { level: 1 }).waitFor();
  await page.getByRole("status", { name: /^Loading/ }).first().waitFor({ state: "detached" });
}

async function load(path, line) {
  const { context, page } = await fresh();
  const wire = await context.newCDPSession(page);
  const kinds = new Map();
  const bytes = { script: 0, style: 0, font: 0, api: 0, other: 0 };
  await wire.send("Network.enable");
  wire.on("Network.responseReceived", ({ requestId, type, response }) => {
    const isApi = new URL(response.url).pathname.startsWith("/api/");
    kinds.set(requestId, isApi ? "api" : ({ Script: "script", Stylesheet: "style", Font: "font" }[type] ?? "other"));
  });
  wire.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
    bytes[kinds.get(requestId) ?? "other"] += encodedDataLength;
  });
  if (line) {
    await wire.send("Network.emulateNetworkConditions", { offline: false, ...line });
    await wire.send("Emulation.setCPUThrottlingRate", { rate: 4 });
  }
  const began = performance.now();
  await page.goto(`${url}/${path}`);
  await settled(page);
  const ready = performance.now() - began;
  const seen = await page.evaluate(() => window.seen);
  const blocked = seen.tasks.reduce((sum, one) => sum + Math.max(0, one - 50), 0);
  await context.close();
  return { paint: seen.paint, largest: seen.largest, ready, blocked, ...bytes };
}

async function loads(line) {
  for (const [name, path] of Object.entries(PAGES)) {
    const all = [];
    for (let n = 0; n < count; n += 1) all.push(await load(path, LINES[line]));
    say({ load: name, line, ...Object.fromEntries(Object.keys(all[0]).map((key) => [key, median(all.map((one) => one[key]))])) });
  }
}
await loads("as it is");

const { page } = await fresh();
const rows = page.locator("main tbody tr[data-state], main tbody tr:has([data-run])");
/** What somebody does until they see what came of it. */
async function act(name, begin, deed) {
  const times = [];
  let events = [];
  for (let n = 0; n < count; n += 1) {
    await begin();
    await page.locator(BUSY).first().waitFor({ state: "detached" });
    await page.evaluate(() => (window.seen.events = []));
    const before = performance.now();
    await deed();
    await page.locator(BUSY).first().waitFor({ state: "detached" });
    times.push(performance.now() - before);
    events = events.concat(await page.evaluate(() => window.seen.events));
  }
  say({ act: name, median: median(times), greatest: Math.max(...times), event: events.length ? Math.max(...events) : 16 });
}
const at = (path) => async () => {
  await page.goto(`${url}/${path}`);
  await settled(page);
};
const first = (path) => async () => {
  await at(path)();
  await rows.first().waitFor();
};
const answered = (part) => page.waitForResponse((one) => one.url().includes(part) && one.ok());

await act("tasks: sorted by next run", first("tasks"), async () => {
  await Promise.all([answered("sort=next_at"), page.getByRole("button", { name: "Next run" }).click()]);
});
await act("tasks: searched, typed letter by letter", first("tasks"), async () => {
  await Promise.all([answered("q="), page.getByRole("searchbox").pressSequentially("order")]);
});
await act("tasks: only the paused ones", first("tasks"), async () => {
  await Promise.all([answered("state=paused"), page.getByRole("combobox", { name: "State" }).selectOption("paused")]);
});
await act("tasks: the next page", first("tasks"), async () => {
  await Promise.all([answered("cursor="), page.getByRole("button", { name: "Next page" }).click()]);
});
await act("tasks: 50 rows selected", first("tasks"), async () => {
  await page.getByRole("checkbox", { name: "Select all on this page" }).check();
  await page.getByText("50 tasks selected").waitFor();
});
await act("tasks: one opened", first("tasks"), async () => {
  await rows.first().getByRole("link").first().click();
  await page.getByRole("tab", { name: "History" }).waitFor();
});
await act("log: only failed runs", first("runs"), async () => {
  await Promise.all([answered("state=failed"), page.getByRole("combobox", { name: "State" }).selectOption("failed")]);
});
await act("log: a run opened", first("runs"), async () => {
  await rows.first().getByRole("link").first().click();
  await page.getByRole("region", { name: /^Run of/ }).waitFor();
});
await act("palette: a task found", first("tasks"), async () => {
  await page.keyboard.press("Control+k");
  const field = page.getByRole("textbox", { name: /A page, a task/ });
  await field.waitFor();
  await Promise.all([answered("q="), field.pressSequentially("order")]);
  await page.getByRole("listbox").getByRole("option").first().waitFor();
});

/** A page that is left open: how smoothly it is drawn, and whether its memory grows. */
async function watch(name, begin, meanwhile = async () => undefined) {
  await begin();
  const wire = await page.context().newCDPSession(page);
  const heap = async () => {
    await wire.send("HeapProfiler.collectGarbage");
    return (await wire.send("Runtime.getHeapUsage")).usedSize;
  };
  const before = await heap();
  await page.evaluate(() => {
    window.seen.tasks = [];
    window.frames = [];
    let last = performance.now();
    const next = (now) => {
      window.frames.push(now - last);
      last = now;
      window.watching = requestAnimationFrame(next);
    };
    window.watching = requestAnimationFrame(next);
  });
  const until = performance.now() + WATCHED_SECONDS * 1000;
  while (performance.now() < until) {
    await meanwhile();
    await page.waitForTimeout(100);
  }
  const { frames, tasks } = await page.evaluate(() => {
    cancelAnimationFrame(window.watching);
    return { frames: window.frames.slice(1), tasks: window.seen.tasks };
  });
  const times = { p50: rank(frames, 0.5), p95: rank(frames, 0.95), p99: rank(frames, 0.99), greatest: Math.max(...frames) };
  const blocked = tasks.reduce((sum, one) => sum + one, 0) / (WATCHED_SECONDS * 10);
  say({ watch: name, ...times, blocked, grown: (await heap()) - before });
}
await watch("overview, left open", at(""));
await watch("tasks, left open", first("tasks"));
await watch("tasks, scrolled", first("tasks"), () => page.mouse.wheel(0, 40));
await watch("log, followed", first("runs"));
await watch("log, scrolled away and read", first("runs"), () => page.mouse.wheel(0, 40));
await page.context().close();
await loads("slow 4G, CPU / 4"); // last: to slow its pages down, the browser keeps a processor busy
await browser.close();
