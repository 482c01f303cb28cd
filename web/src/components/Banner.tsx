import type { ReactNode } from "react";
import classes from "./Banner.module.css";
import { Icon, type IconName } from "./Icon";

type Props = { tone: "warn" | "bad" | "note"; icon: IconName; children: ReactNode; action?: ReactNode };

/** Something to know about everything below it. */
export function Banner({ tone, icon, children, action }: Props) {
  return (
    <div className={classes.banner} data-tone={tone} role={tone === "note" ? "status" : "alert"}>
      <Icon name={icon} size={18} />
      <div className={classes.text}>{children}</div>
      {action}
    </div>
  );
}
