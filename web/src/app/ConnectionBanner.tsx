import { Banner } from "@/components/Banner";
import { useConnection } from "@/lib/connection";
import { useInstants } from "@/lib/instant";
import classes from "./ConnectionBanner.module.css";

/** Says calmly that the API does not answer, for as long as it does not. Polling finds out by itself when it does. */
export function ConnectionBanner() {
  const { isLost, answeredAt } = useConnection();
  const { clockTime, zoneAt } = useInstants();
  const since = answeredAt === null ? null : new Date(answeredAt).toISOString();
  if (!isLost) return null;
  return (
    <div className={classes.place}>
      <Banner tone="warn" icon="away">
        <strong>Tasker can't be reached.</strong>{" "}
        {since && `What you see is as of ${clockTime(since)} ${zoneAt(since)}. `}
        It goes on by itself as soon as there is an answer.
      </Banner>
    </div>
  );
}
