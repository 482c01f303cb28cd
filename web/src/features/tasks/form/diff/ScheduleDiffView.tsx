import { Button } from "@mantine/core";
import { Icon, type IconName } from "@/components/Icon";
import { useInstants } from "@/lib/instant";
import { ChangedRuns } from "./ChangedRuns";
import classes from "./ScheduleDiff.module.css";
import type { ScheduleDiff, ScheduleDiffState } from "./useScheduleDiff";

/** What saving would change in the runs that come. `zone`: the one by whose clock the typed schedule goes. */
export function ScheduleDiffView({ diff, zone }: { diff: ScheduleDiffState; zone?: string }) {
  const { data, isOld, trouble, onRetry } = diff;
  return (
    <section
      className={classes.diff}
      aria-label="What changes"
      aria-live="polite"
      data-old={isOld || undefined}
    >
      <h3>What the change does</h3>
      {trouble && (
        <p className={classes.trouble}>
          What it changes is not known: {trouble}{" "}
          <Button size="compact-xs" variant="default" onClick={onRetry}>
            Try again
          </Button>
        </p>
      )}
      {!data && !trouble && <p className="dim">Comparing…</p>}
      {data && <Changes data={data} zone={zone} />}
    </section>
  );
}

function Changes({ data, zone }: { data: ScheduleDiff; zone?: string }) {
  const { exact } = useInstants(zone);
  const { added, removed, moved, unchanged, items } = data;
  const all = added + removed + moved;
  return (
    <>
      {all === 0 ? (
        <p>
          <strong>Nothing changes:</strong> the same {counted(unchanged)} as before.
        </p>
      ) : (
        <>
          <ul className={classes.counts}>
            <Count icon="plus" count={added} word="added" />
            <Count icon="cross" count={removed} word="removed" />
            <Count icon="right" count={moved} word="moved" />
            <li className="dim">{unchanged.toLocaleString("en-GB")} as before</li>
          </ul>
          {/* The server's words say by how much runs move; what else they say stands above. */}
          {moved > 0 && <p className="dim small">{data.text}.</p>}
          <ChangedRuns runs={items} zone={zone} />
          {all > items.length && (
            <p className="dim small">and {(all - items.length).toLocaleString("en-GB")} more.</p>
          )}
        </>
      )}
      <p className="dim small">Compared are the runs until {exact(data.complete_until)}.</p>
      {data.notes.map((note) => (
        <p key={note} className={classes.note}>
          {inWords(note)}
        </p>
      ))}
    </>
  );
}

function Count({ icon, count, word }: { icon: IconName; count: number; word: string }) {
  if (count === 0) return null;
  return (
    <li data-change={word}>
      <Icon name={icon} size={13} /> {count.toLocaleString("en-GB")} {word}
    </li>
  );
}

function counted(runs: number): string {
  return runs === 1 ? "1 run" : `${runs.toLocaleString("en-GB")} runs`;
}

/** A note of one of both schedules, which the server names `before` and `after`. */
function inWords(note: string): string {
  return note.replace(/^(before|after): (any\/(\d+): )?/, (_, which, member, index) =>
    [
      which === "before" ? "As it was: " : "As it would be: ",
      member ? `schedule ${Number(index) + 1}: ` : "",
    ].join(""),
  );
}
