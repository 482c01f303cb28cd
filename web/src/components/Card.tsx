import { type ReactNode, useId } from "react";
import classes from "./Card.module.css";

type Props = {
  title: string;
  about?: ReactNode;
  action?: ReactNode;
  children: ReactNode;
  className?: string;
};

/** A part of a page under a heading of its own. */
export function Card({ title, about, action, children, className }: Props) {
  const id = useId();
  return (
    <section className={`sheet ${classes.card} ${className ?? ""}`} aria-labelledby={id}>
      <header className={classes.header}>
        <h2 id={id}>{title}</h2>
        {about && <span className="dim small">{about}</span>}
        {action && <span className={classes.action}>{action}</span>}
      </header>
      {children}
    </section>
  );
}
