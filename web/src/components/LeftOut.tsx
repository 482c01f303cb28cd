import { Button } from "@mantine/core";
import type { Unknown } from "@/lib/address";
import { Banner } from "./Banner";
import classes from "./LeftOut.module.css";

/** Says what an address asks for and the page does not know. It is left out, and goes from the address on request. */
export function LeftOut({ unknown, onClear }: { unknown: readonly Unknown[]; onClear: () => void }) {
  if (unknown.length === 0) return null;
  const clear = (
    <Button variant="default" size="xs" onClick={onClear}>
      Clear the address
    </Button>
  );
  return (
    <div className={classes.place}>
      <Banner tone="note" icon="warn" action={clear}>
        The address asks for what is not known here, and it was left out:{" "}
        <span className="mono">{unknown.map(({ name, value }) => `${name}=${value}`).join(" ")}</span>
      </Banner>
    </div>
  );
}
