import { useInstants } from "@/lib/instant";
import type { Backfilled } from "@/lib/task";
import classes from "./BackfillDialog.module.css";
import { expectedDuration } from "./backfill";

type Props = { data?: Backfilled; isOld: boolean; isReady: boolean; trouble?: string; warning?: string };

/** How many runs it comes to, from when to when, and how long they take at their rate. */
export function BackfillPreview({ data, isOld, isReady, trouble, warning }: Props) {
  return (
    <section
      className={classes.preview}
      aria-label="Preview"
      aria-live="polite"
      data-old={isOld || undefined}
    >
      {trouble && <p className={classes.bad}>{trouble}</p>}
      {!trouble && !data && (
        <p className="dim">
          {isReady ? "Counting…" : "How many runs it comes to shows here, once both ends are given."}
        </p>
      )}
      {data && <Counted data={data} />}
      {warning && (data?.count ?? 0) > 1 && <p className={classes.note}>{warning}</p>}
    </section>
  );
}

function Counted({ data }: { data: Backfilled }) {
  const { exact } = useInstants();
  const { count, is_more, cut, cut_is_more, first, last } = data;
  if (!count) return <p className={classes.count}>There is nothing to run.</p>;
  return (
    <>
      <p className={classes.count}>
        {is_more ? "More than " : ""}
        {count.toLocaleString("en-GB")} {count === 1 ? "run" : "runs"}
        {!is_more && <span className="dim">, through in about {expectedDuration(data)}</span>}
      </p>
      {first && last && (
        <p className="dim">
          From {exact(first)}
          <br />
          to {is_more ? "beyond " : ""}
          {exact(last)}
        </p>
      )}
      {Boolean(cut) && (
        <p className={classes.note}>
          {cut_is_more ? "More than " : ""}
          {cut?.toLocaleString("en-GB")} later ones do not fit in: ask again once these have run.
        </p>
      )}
    </>
  );
}
