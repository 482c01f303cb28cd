// Signing in, in a real Chromium, against a Tasker with keys. Usage: node browser_keys.mjs <url> <folder>; the keys come by
// ADMIN_KEY and VIEWER_KEY; REVOKE is a command that revokes the viewer's.
import assert from "node:assert/strict";
import { execSync } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";

const require = createRequire(new URL("../../web/package.json", import.meta.url));
const { chromium } = require("playwright-core");
const AxeBuilder = require("@axe-core/playwright").default;
const [url, folder] = process.argv.slice(2);
const { ADMIN_KEY, VIEWER_KEY, REVOKE, CHROMIUM } = process.env;
const browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox", "--disable-gpu"] });
const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, reducedMotion: "reduce" });
const page = await context.newPage();
page.setDefaultTimeout(15_000);
const seen = [];
page.on("request", (request) => seen.push(request.url()));
page.on("pageerror", (error) => assert.fail(`page error: ${error}`));
let shots = 0;

const button = (name) => page.getByRole("button", { name, exact: true });
const field = () => page.getByLabel("API key", { exact: true });

async function step(name, walk) {
  await walk();
  await page.screenshot({ path: join(folder, `keys-${++shots}-${name.replaceAll(/\W+/g, "-")}.png`) });
  const { violations } = await new AxeBuilder({ page }).withTags(["wcag2a", "wcag2aa"]).analyze();
  assert.deepEqual(violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(" ")}`), [], `accessibility at "${name}"`);
  console.log(`ok ${name}`);
}

async function signIn(key) {
  await field().fill(key);
  await button("Sign in").click();
}

try {
  await step("a deep link asks for a key", async () => {
    await page.goto(`${url}/tasks?sort=-name`);
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
  });
  await step("a wrong key is told", async () => {
    await signIn(`tsk_abcdefgh_${"x".repeat(32)}`);
    await page.getByText("it may have been revoked").waitFor();
  });
  await step("an admin is where they wanted to be", async () => {
    await signIn(ADMIN_KEY);
    await page.getByRole("link", { name: "Kept", exact: true }).waitFor();
    assert.equal(new URL(page.url()).search, "?sort=-name");
    await button("Signed in as root, admin").waitFor();
  });
  await step("the cookie is out of reach for scripts and the key in no address", async () => {
    assert.equal(await page.evaluate("document.cookie"), "");
    assert.equal(await page.evaluate("JSON.stringify([{ ...localStorage }, { ...sessionStorage }])").then((kept) => kept.includes("tsk_")), false);
    assert.ok(!seen.some((address) => address.includes("tsk_")));
    await page.reload();
    await button("Pause Kept").waitFor();
  });
  await step("the menu says who it is", async () => {
    await button("Signed in as root, admin").click();
    await page.getByText("Sees and changes everything.").waitFor();
  });
  await step("signing out shows nothing any more", async () => {
    await button("Sign out").click();
    await field().waitFor();
    assert.equal(await page.getByText("Kept", { exact: true }).count(), 0);
  });
  await step("a viewer sees, and may not change", async () => {
    await signIn(VIEWER_KEY);
    await page.getByRole("link", { name: "Kept", exact: true }).waitFor();
    assert.ok(await button("Pause Kept").isDisabled());
    await button("New task").locator("..").hover();
    await page.getByRole("tooltip").filter({ hasText: "takes the role operator" }).waitFor();
  });
  await step("a revoked key leads back to signing in", async () => {
    execSync(REVOKE);
    await page.getByText("is not valid any more").waitFor();
  });
  await step("and signing in goes on", async () => {
    await signIn(ADMIN_KEY);
    await button("Pause Kept").waitFor();
    await button("Pause Kept").click();
    await button("Resume Kept").waitFor();
  });
  if (process.env.MORE) {
    await page.setViewportSize({ width: 390, height: 780 });
    await page.screenshot({ path: join(folder, "keys-narrow.png") });
    await context.clearCookies();
    await page.emulateMedia({ colorScheme: "dark" });
    await page.goto(url);
    await field().waitFor();
    await page.screenshot({ path: join(folder, "keys-dark.png") });
  }
} finally {
  await browser.close();
}
