import { Button } from "@mantine/core";
import type { ReactNode } from "react";
import { textOf, Unreachable } from "@/lib/problem";
import { Icon, type IconName } from "./Icon";
import classes from "./ListStates.module.css";

/** The four states of a list that has no rows to show. Each says what is so, and offers the way out of it. */

export function Loading({ label, rows = 6 }: { label: string; rows?: number }) {
  return (
    <div className={classes.loading} role="status" aria-label={label}>
      {Array.from({ length: rows }, (_, i) => `row-${i}`).map((key, i) => (
        <div key={key} className={classes.ghost} style={{ opacity: 1 - i / rows }}>
          <i style={{ width: `${22 + ((i * 7) % 12)}%` }} />
          <i style={{ width: `${14 + ((i * 5) % 9)}%` }} />
          <i style={{ width: "9%" }} />
        </div>
      ))}
    </div>
  );
}

/** There is nothing yet at all. */
export function Empty({
  title,
  children,
  action,
}: {
  title: string;
  children: ReactNode;
  action?: ReactNode;
}) {
  return (
    <StateMessage kind="empty" icon="clock" title={title} action={action}>
      {children}
    </StateMessage>
  );
}

/** There is something, but the filters hide it. */
export function NoMatch({ title, onClear }: { title: string; onClear: () => void }) {
  const clear = (
    <Button variant="default" onClick={onClear}>
      Clear filters
    </Button>
  );
  return (
    <StateMessage kind="no-match" icon="search" title={title} action={clear}>
      The filters leave nothing over.
    </StateMessage>
  );
}

/** The list could not be had. It is asked for again by itself where the API is away. */
export function Failed({ title, error, onRetry }: { title: string; error: unknown; onRetry: () => void }) {
  const away = error instanceof Unreachable;
  const retry = (
    <Button variant="default" onClick={onRetry}>
      Try again
    </Button>
  );
  return (
    <StateMessage kind="failed" icon={away ? "away" : "warn"} title={title} action={retry} alert>
      {textOf(error)} {away && "It is tried again every few seconds."}
    </StateMessage>
  );
}

type StateMessageProps = {
  kind: string;
  icon: IconName;
  title: string;
  children: ReactNode;
  action?: ReactNode;
  alert?: boolean;
};

function StateMessage({ kind, icon, title, children, action, alert }: StateMessageProps) {
  return (
    <div className={classes.message} data-kind={kind} role={alert ? "alert" : "status"}>
      <span className={classes.icon}>
        <Icon name={icon} size={22} />
      </span>
      <h2>{title}</h2>
      <p>{children}</p>
      {action}
    </div>
  );
}
