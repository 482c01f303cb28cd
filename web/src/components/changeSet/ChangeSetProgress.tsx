import { Progress } from "@mantine/core";
import { type ChangeSet, counted, doneOf, tasksOf } from "@/lib/changeSets/changeSet";
import classes from "./ChangeSet.module.css";
import { ChangeSetStateMark } from "./ChangeSetStateMark";

/** How far a change of many tasks has come: what became of how many. */
export function ChangeSetProgress({ of }: { of: ChangeSet }) {
  const done = doneOf(of);
  const isRunning = of.state === "running";
  const share = of.total === null ? 0 : of.total === 0 ? 1 : done / of.total;
  return (
    <div className={classes.progress}>
      <div className={classes.line} role="status">
        <ChangeSetStateMark state={of.state} />
        <span>{of.total === null ? "Being counted" : `${counted(done)} of ${tasksOf(of.total)}`}</span>
      </div>
      <Progress.Root>
        <Progress.Section
          value={of.total === null ? 100 : share * 100}
          color={of.total === null ? "gray" : undefined}
          animated={isRunning}
          aria-label="Progress"
        />
      </Progress.Root>
      <ChangeSetCounts of={of} />
    </div>
  );
}

/** What became of how many; what is nothing is left out. */
export function ChangeSetCounts({ of }: { of: ChangeSet }) {
  const counts: [count: number, word: string, isBad?: boolean][] = [
    [of.accepted, "accepted"],
    [of.rejected, rejectedWords(of), true],
    [of.superseded, "done before"],
    [of.unchanged, "unchanged, as wanted already"],
    [of.left_out, "left out", true],
    [of.waiting ?? 0, of.state === "running" ? "to come" : "not answered yet"],
  ];
  const shown = counts.filter(([count], i) => i === 0 || count > 0);
  return (
    <ul className={classes.counts} aria-label="What became of how many">
      {shown.map(([count, word, isBad]) => (
        <li key={word} data-tone={isBad ? "bad" : undefined}>
          {counted(count)} {word}
        </li>
      ))}
    </ul>
  );
}

function rejectedWords({ changed_meanwhile }: ChangeSet): string {
  return changed_meanwhile > 0
    ? `rejected, ${counted(changed_meanwhile)} of them since somebody else changed the task`
    : "rejected";
}
