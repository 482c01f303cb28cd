import type { ReactNode } from "react";
import classes from "./DescriptionList.module.css";

/** Names and values, one pair a line. */
export function DescriptionList({ children }: { children: ReactNode }) {
  return <dl className={classes.list}>{children}</dl>;
}

export function DescriptionItem({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className={classes.item}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
