import type { ReactNode } from "react";
import classes from "./Section.module.css";

/** A part of the form: what it is about on the left, its fields, and beside them what they come to. */
export function Section({ title, hint, children, aside }: SectionProps) {
  return (
    <fieldset className={`sheet ${classes.section}`}>
      <legend className="sr-only">{title}</legend>
      <div className={classes.about} aria-hidden="true">
        <h2>{title}</h2>
        <p>{hint}</p>
      </div>
      <div className={classes.fields}>{children}</div>
      {aside}
    </fieldset>
  );
}

type SectionProps = { title: string; hint: string; children: ReactNode; aside?: ReactNode };
