import { Tooltip } from "@mantine/core";
import { useConnection } from "@/lib/connection";
import { useIsLive } from "@/lib/live/live";
import classes from "./LiveSign.module.css";

const words = {
  live: { word: "Live", about: "Changes are shown as they happen." },
  delayed: {
    word: "Delayed",
    about: "Nobody tells of changes just now; they are asked for every few seconds.",
  },
  offline: { word: "Offline", about: "Tasker can't be reached. What you see is as it was." },
} as const;

/** Whether what is shown is what there is. */
export function LiveSign() {
  const { isLost } = useConnection();
  const isLive = useIsLive();
  const state = isLost ? "offline" : isLive ? "live" : "delayed";
  const { word, about } = words[state];
  return (
    <Tooltip label={about}>
      <span className={classes.sign} data-state={state} role="status">
        <i aria-hidden="true" />
        <span className={classes.word}>{word}</span>
        <span className="sr-only">. {about}</span>
      </span>
    </Tooltip>
  );
}
