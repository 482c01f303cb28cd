import type { FieldChange } from "@/lib/revision";
import classes from "./History.module.css";
import { placeInWords, valueInWords } from "./pointers";

const words: Record<FieldChange["kind"], string> = { added: "added", removed: "removed", changed: "changed" };

type Props = { changes: readonly FieldChange[] | null; leftOut: number };

/** What a version changed, place by place: what was there, and what is there instead. */
export function Changes({ changes, leftOut }: Props) {
  if (changes === null) return <p className="dim">What it changed is not known any more.</p>;
  if (changes.length === 0) return null;
  return (
    <ul className={classes.changes} aria-label="Changes">
      {changes.map((change) => (
        <li key={change.pointer}>
          <div>
            <span className="mono">{placeInWords(change.pointer)}</span>{" "}
            <span className="dim small">{words[change.kind]}</span>
          </div>
          <Values change={change} />
        </li>
      ))}
      {leftOut > 0 && <li className="dim">and {leftOut.toLocaleString("en-GB")} more</li>}
    </ul>
  );
}

function Values({ change: { kind, before, after, cut } }: { change: FieldChange }) {
  if (cut) return <span className="dim">Too large to be shown here; the versions themselves show it.</span>;
  return (
    <div className={classes.values}>
      {kind !== "added" && (
        <del>
          <span aria-hidden="true">− </span>
          {valueInWords(before)}
        </del>
      )}
      {kind !== "removed" && (
        <ins>
          <span aria-hidden="true">+ </span>
          {valueInWords(after)}
        </ins>
      )}
    </div>
  );
}
