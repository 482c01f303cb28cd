import { Icon, type IconName } from "@/components/Icon";
import marks from "@/components/StateMark.module.css";
import type { FieldChange, ImportItem } from "@/lib/changeSets/changeSet";
import { writeExact } from "@/lib/exactJson";
import classes from "./ImportPage.module.css";

const actions: Record<ImportItem["action"], { icon: IconName; tone: string; word: string }> = {
  create: { icon: "plus", tone: "ok", word: "Create" },
  change: { icon: "edit", tone: "run", word: "Change" },
  same: { icon: "check", tone: "quiet", word: "Unchanged" },
  invalid: { icon: "cross", tone: "bad", word: "Invalid" },
};

/** One entry of a file: what becomes of it, field by field, or what is wrong with it. */
export function PlanEntry({ item }: { item: ImportItem }) {
  const { icon, tone, word } = actions[item.action];
  return (
    <li>
      <div className={classes.head}>
        <span className={marks.mark} data-tone={tone}>
          <Icon name={icon} size={14} />
          {word}
        </span>
        <span className="mono">{item.task_id ?? "(no id)"}</span>
        <span className="dim small">line {item.line}</span>
      </div>
      {item.changes.map((change) => (
        <Difference key={change.pointer} change={change} />
      ))}
      {item.changes_left_out > 0 && <p className="dim small">and {item.changes_left_out} more</p>}
      {item.errors.map(({ pointer, message, suggestion }) => (
        <p key={`${pointer} ${message}`} className={classes.bad}>
          {pointer && <span className="mono">{pointer} </span>}
          {message}
          {suggestion && (
            <>
              {" "}
              Meant may be <span className="mono">{writeExact(suggestion.value)}</span>.
            </>
          )}
        </p>
      ))}
      {item.warnings.map((warning) => (
        <p key={warning} className={classes.warn}>
          <Icon name="warn" size={14} /> {warning}
        </p>
      ))}
    </li>
  );
}

function Difference({ change: { pointer, kind, before, after, cut } }: { change: FieldChange }) {
  return (
    <p className={`${classes.difference} mono`}>
      {pointer}: {cut && <span className="dim">too large to be shown</span>}
      {!cut && kind !== "added" && <del>{writeExact(before)}</del>}
      {!cut && kind === "changed" && <span aria-hidden="true"> → </span>}
      {!cut && kind !== "removed" && <ins>{writeExact(after)}</ins>}
    </p>
  );
}
