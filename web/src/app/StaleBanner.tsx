import { Button } from "@mantine/core";
import { Banner } from "@/components/Banner";
import { useInstants } from "@/lib/instant";
import { textOf } from "@/lib/problem";
import { useStale } from "@/lib/staleness";
import classes from "./ConnectionBanner.module.css";

/** Says that what is shown is not as it is now, since the API gives it no more, and why. */
export function StaleBanner() {
  const { stale, readAgain } = useStale();
  const { clockTime, zoneAt } = useInstants();
  if (!stale) return null;
  const since = new Date(stale.since).toISOString();
  const again = (
    <Button variant="default" size="xs" onClick={readAgain}>
      Read it again
    </Button>
  );
  return (
    <div className={classes.place}>
      <Banner tone="warn" icon="warn" action={again}>
        <strong>Some of this page can't be read anew.</strong> {sentence(stale.reason)} You see it as of{" "}
        {clockTime(since)} {zoneAt(since)}.
      </Banner>
    </div>
  );
}

function sentence(reason: string): string {
  return textOf(reason).replace(/[^.!?]$/, "$&.");
}
