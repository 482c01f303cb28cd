// Every page, in both themes: no fault that axe finds, nothing wider than the screen.
import { checkAccess } from "./browser_session.mjs";

/** Where each page is; `task`: the id of one that has run, `run`: of a run, `changeSet`: of a change of many tasks. */
export function pagesOf({ task, run, changeSet }) {
  return {
    ...{ overview: "", tasks: "tasks", "new task": "tasks/new", import: "import", task: `tasks/${task}` },
    ...{ "runs of a task": `tasks/${task}?tab=runs`, occurrences: `tasks/${task}?tab=occurrences` },
    ...{ history: `tasks/${task}?tab=history`, "edit a task": `tasks/${task}/edit`, log: "runs", run: `runs/${run}` },
    ...{ missed: "missed", upcoming: "upcoming", system: "system", "dead letters": "system/dead-letters" },
    ...{ "change-sets": "system/change-sets", "change-set": `system/change-sets/${changeSet}`, keys: "system/keys" },
  };
}

/** Opens a page and waits until all of it is there. */
export async function openPage(page, url, path) {
  await page.goto(`${url}/${path}`);
  await page.getByRole("heading", { level: 1 }).waitFor();
  await page.getByRole("status", { name: /^Loading/ }).first().waitFor({ state: "detached" });
}

/** Walks through all pages. */
export async function walkPages({ page, url, isNarrow }, of) {
  for (const [name, path] of Object.entries(pagesOf(of))) {
    for (const colorScheme of ["dark", "light"]) {
      await page.emulateMedia({ colorScheme }); // before it is drawn: colours go over into others slowly
      await openPage(page, url, path);
      await checkAccess(page, `${name}, ${colorScheme}`);
    }
    await isNarrow();
    console.log(`ok ${name} in both themes`);
  }
}
