import { type ReactNode, useEffect } from "react";
import classes from "./Page.module.css";

type Props = {
  title: string;
  above?: ReactNode;
  below?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
  narrow?: boolean;
};

/** A page: its heading, what can be done with it as a whole, and its content. Names the browser's tab as well. */
export function Page({ title, above, below, actions, children, narrow }: Props) {
  useEffect(() => {
    document.title = `${title} · Tasker`;
  }, [title]);
  return (
    <div className={classes.page} data-narrow={narrow || undefined}>
      <header className={classes.header}>
        <div className={classes.titles}>
          {above}
          <h1>{title}</h1>
          {below}
        </div>
        {actions && <div className={classes.actions}>{actions}</div>}
      </header>
      {children}
    </div>
  );
}
