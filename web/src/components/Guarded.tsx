import { Tooltip } from "@mantine/core";
import type { ReactNode } from "react";
import { type Role, useReasonAgainst } from "@/lib/session";
import classes from "./Guarded.module.css";

/** Something that takes a role: drawn switched off, with the reason, for those who don't have it. */
export function Guarded({ needs, children }: { needs: Role; children: (isOff: boolean) => ReactNode }) {
  const reason = useReasonAgainst(needs);
  if (!reason) return children(false);
  return (
    <Tooltip
      label={reason}
      openDelay={200}
      multiline
      maw={260}
      events={{ hover: true, focus: true, touch: true }}
    >
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a button that is off takes no focus, and tells no reason */}
      <span className={classes.off} tabIndex={0}>
        {children(true)}
        <span className="sr-only">{reason}</span>
      </span>
    </Tooltip>
  );
}
