import { writeExact } from "@/lib/exactJson";
import classes from "./JsonView.module.css";

/** JSON as it is, indented, with every digit that `readExact` has read; strings without quotes and escapes where the whole value is one. */
export function JsonView({ value, label }: { value: unknown; label: string }) {
  const text = typeof value === "string" ? value : writeExact(value, 2);
  return (
    <section className={classes.json} aria-label={label}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard. */}
      <pre tabIndex={0}>{text}</pre>
    </section>
  );
}
