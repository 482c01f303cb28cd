// Signing in, in a real Chromium, against a Tasker with keys. The keys come by ADMIN_KEY and VIEWER_KEY; REVOKE is a command
// that revokes the viewer's.
import assert from "node:assert/strict";
import { execSync } from "node:child_process";
import { inBrowser } from "./browser_session.mjs";

const { ADMIN_KEY, VIEWER_KEY, REVOKE } = process.env;

await inBrowser(
  async ({ url, page, step, button, isNarrow }) => {
    const seen = [];
    page.on("request", (request) => seen.push(request.url()));
    const field = () => page.getByLabel("API key", { exact: true });
    const signIn = async (key) => {
      await field().fill(key);
      await button("Sign in").click();
    };

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
    await page.keyboard.press("Escape");
    for (const width of [390, 320]) {
      await step(`the head fits on a screen of ${width} pixels`, async () => {
        await page.setViewportSize({ width, height: 720 });
        await isNarrow();
        for (const one of await page.getByRole("banner").getByRole("button").all()) {
          const { x, width: wide } = await one.boundingBox();
          assert.ok(x >= 0 && x + wide <= width, `${await one.getAttribute("aria-label")} is outside of the screen`);
        }
      });
    }
    await page.setViewportSize({ width: 1280, height: 800 });
    await step("signing out shows nothing any more", async () => {
      await button("Signed in as root, admin").click();
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
  },
  { name: "keys-", answers: [/status of 40[13]/] },
);
