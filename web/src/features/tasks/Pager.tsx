import { Button } from "@mantine/core";
import { Icon } from "@/components/Icon";
import classes from "./Pager.module.css";

type Props = { cursor?: string; next?: string | null; onCursor: (cursor?: string) => void };

/** Pages follow one another by cursor; the browser's Back leads to the one before. */
export function Pager({ cursor, next, onCursor }: Props) {
  if (!cursor && !next) return null;
  return (
    <nav className={classes.pager} aria-label="Pages">
      <Button variant="default" disabled={!cursor} onClick={() => onCursor(undefined)}>
        First page
      </Button>
      <Button
        variant="default"
        disabled={!cursor}
        leftSection={<Icon name="left" />}
        onClick={() => globalThis.history.back()}
      >
        Back
      </Button>
      <Button
        variant="default"
        disabled={!next}
        rightSection={<Icon name="right" />}
        onClick={() => next && onCursor(next)}
      >
        Next page
      </Button>
    </nav>
  );
}
