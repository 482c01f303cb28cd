import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Plugin } from "vite";

const CLASS = /\bm_[0-9a-f]{5,}\b/g; // what Mantine calls the classes of its components
const LIST = "src/app/mantine.css";

const classes = (text: string) => new Set(text.match(CLASS) ?? []);

/**
 * Fails the build where `src/app/mantine.css` leaves out the styles of a component that is used, names those of one that
 * is not, or has them in another order than Mantine's, by which later ones override earlier ones. All of Mantine's styles
 * are twice as large as those that are needed.
 */
export function mantineStyles(): Plugin {
  let root = "";
  return {
    name: "mantine-styles",
    apply: "build",
    configResolved: (config) => {
      root = config.root;
    },
    generateBundle(_options, bundle) {
      const code = Object.values(bundle).map((file) => (file.type === "chunk" ? file.code : ""));
      const expected = needed(root, classes(code.join("\n")));
      const listed = [
        ...readFileSync(join(root, LIST), "utf-8").matchAll(/@mantine\/core\/styles\/(\w[\w-]*\.css)/g),
      ];
      if (listed.map((one) => one[1]).join() === expected.join()) return;
      const imports = expected.map((name) => `@import "@mantine/core/styles/${name}";`);
      this.error(`${LIST} must import just these styles of Mantine's, in this order:\n${imports.join("\n")}`);
    },
  };
}

/** The files of styles that have one of these classes, or none at all (variables, resets), in Mantine's order. */
function needed(root: string, used: Set<string>): string[] {
  const mantine = join(root, "node_modules/@mantine/core");
  const whole = readFileSync(join(mantine, "styles.css"), "utf-8");
  const found = readdirSync(join(mantine, "styles"))
    .filter((name) => !name.endsWith(".layer.css"))
    .map((name) => ({ name, text: readFileSync(join(mantine, "styles", name), "utf-8").trim() }))
    .map(({ name, text }) => ({ name, own: classes(text), at: whole.indexOf(text) }));
  const lost = found.filter(({ at }) => at < 0).map(({ name }) => name);
  if (lost.length > 0) throw new Error(`not in Mantine's styles.css as they stand: ${lost.join(", ")}`);
  return found
    .filter(({ own }) => own.size === 0 || [...own].some((one) => used.has(one)))
    .sort((a, b) => a.at - b.at)
    .map(({ name }) => name);
}
