import { Radio } from "@mantine/core";
import { useEffect, useRef } from "react";
import { Banner } from "@/components/Banner";
import { Icon, type IconName } from "@/components/Icon";
import classes from "./ConflictSection.module.css";
import { type Change, PARTS, type PartName, type Side } from "./merge";
import { changedLines } from "./shown";
import type { Conflict } from "./useConflict";

type Props = { conflict: Conflict; onChoose: (part: PartName, side: Side) => void };

const verdicts: Record<Change["by"], { icon: IconName; words: string }> = {
  theirs: { icon: "down", words: "Only they changed it: taken over into the form." },
  mine: { icon: "check", words: "Only you changed it: yours stays." },
  same: { icon: "check", words: "Both made the same change." },
  both: { icon: "warn", words: "Both changed it." },
};

/** What somebody else has changed meanwhile and what was typed, side by side; and whose of it is kept. */
export function ConflictSection({ conflict, onChoose }: Props) {
  const heading = useRef<HTMLHeadingElement>(null);
  // It comes as the answer to Save, and is what has to be read next.
  useEffect(() => heading.current?.focus(), []);
  const { changes, choices } = conflict;
  const order: Change["by"][] = ["both", "theirs", "mine", "same"];
  const sorted = order.flatMap((by) => changes.filter((change) => change.by === by));
  return (
    <section className={`sheet ${classes.conflict}`} aria-label="Two changes of this task">
      <h2 ref={heading} tabIndex={-1}>
        Your change and theirs
      </h2>
      <Banner tone="warn" icon="warn">
        <strong>Somebody else changed this task</strong> since you opened it, so nothing is saved yet and
        nothing is lost. {whatNext(changes)}
      </Banner>
      {sorted.map((change) => (
        <ChangedPart
          key={change.part}
          change={change}
          choice={choices[change.part]}
          onChoose={(side) => onChoose(change.part, side)}
        />
      ))}
    </section>
  );
}

function whatNext(changes: readonly Change[]): string {
  const has = (by: Change["by"]) => changes.some((change) => change.by === by);
  if (has("both")) return "Choose whose change is kept where both are different; then save.";
  if (has("theirs")) return "What they changed is in the form now, beside yours. Look it over, and save.";
  return "They changed nothing that stands in this form. Save sends yours.";
}

type PartProps = { change: Change; choice?: Side; onChoose: (side: Side) => void };

function ChangedPart({ change, choice, onChoose }: PartProps) {
  const { part, by, base, theirs, mine } = change;
  const { label } = PARTS[part];
  const { icon, words } = verdicts[by];
  const isMissing = by === "both" && !choice;
  return (
    <section className={classes.part} data-by={by} aria-label={`${label}: changed`}>
      <h3>{label}</h3>
      <p className={classes.verdict}>
        <Icon name={icon} size={14} /> {words}
      </p>
      <div className={classes.columns}>
        <Column title="When you opened it" value={base} before={base} />
        <Column title="Theirs now" value={theirs} before={base} />
        <Column title="Yours" value={mine} before={base} />
      </div>
      {by === "both" && (
        <Radio.Group
          label={`Whose ${label.toLowerCase()} is kept?`}
          value={choice ?? ""}
          onChange={(side) => onChoose(side as Side)}
        >
          <div className={classes.choices}>
            <Radio value="theirs" label="Theirs" aria-invalid={isMissing || undefined} />
            <Radio value="mine" label="Mine" aria-invalid={isMissing || undefined} />
          </div>
        </Radio.Group>
      )}
    </section>
  );
}

function Column({ title, value, before }: { title: string; value: unknown; before: unknown }) {
  return (
    <div>
      <h4>{title}</h4>
      <ul className={`mono ${classes.lines}`}>
        {changedLines(value, before).map(({ line, isNew }, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: lines may be alike, and stay where they are.
          <li key={i}>{isNew ? <ins>{line}</ins> : line}</li>
        ))}
      </ul>
    </div>
  );
}
