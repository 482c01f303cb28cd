import { Button } from "@mantine/core";
import { Icon } from "./Icon";
import classes from "./Pager.module.css";

type Props = { cursor?: string; next?: string | null; onCursor: (cursor?: string) => void };

/** From each page that was come to by "Next page" in this tab the way back; a page that was opened by its address has none. */
const cameFrom = new Map<string, string | undefined>();

/** Pages follow one another by cursor. */
export function Pager({ cursor, next, onCursor }: Props) {
  if (!cursor && !next) return null;
  // The list of the page before stands until that of this one is there: behind it this one comes, which leads to itself.
  const isOld = next === cursor;
  return (
    <nav className={classes.pager} aria-label="Pages">
      <Button variant="default" disabled={!cursor} onClick={() => onCursor(undefined)}>
        First page
      </Button>
      <Button
        variant="default"
        disabled={!cursor || !cameFrom.has(cursor)}
        leftSection={<Icon name="left" />}
        onClick={() => cursor && onCursor(cameFrom.get(cursor))}
      >
        Back
      </Button>
      <Button
        variant="default"
        disabled={!next || isOld}
        rightSection={<Icon name="right" />}
        onClick={() => {
          if (!next || isOld) return;
          cameFrom.set(next, cursor);
          onCursor(next);
        }}
      >
        Next page
      </Button>
    </nav>
  );
}
