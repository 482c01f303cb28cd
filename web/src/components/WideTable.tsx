import type { ReactNode } from "react";
import classes from "./WideTable.module.css";

/** A table that may be wider than its place: it scrolls there, by keys, too, and the page does not. */
export function WideTable({ label, children }: { label: string; children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys
    <section className={classes.scroll} aria-label={label} tabIndex={0}>
      {children}
    </section>
  );
}
