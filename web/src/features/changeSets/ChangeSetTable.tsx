import { Link } from "@tanstack/react-router";
import { ChangeSetStateMark } from "@/components/changeSet/ChangeSetStateMark";
import { RelativeTime } from "@/components/RelativeTime";
import table from "@/components/Table.module.css";
import { type ChangeSet, counted, deedOf, doneOf, isMoving, subjectOf } from "@/lib/changeSets/changeSet";
import { useInstants } from "@/lib/instant";
import { useNow } from "@/lib/now";
import classes from "./ChangeSets.module.css";

/** Changes of many tasks, one a line. */
export function ChangeSetTable({ sets }: { sets: readonly ChangeSet[] }) {
  const { zone } = useInstants();
  return (
    <table className={`${table.table} ${classes.table}`}>
      <caption className="sr-only">Changes of many tasks, the newest first. Times are in {zone}.</caption>
      <thead>
        <tr>
          <th scope="col">What</th>
          <th scope="col">Which tasks</th>
          <th scope="col">Who</th>
          <th scope="col">When</th>
          <th scope="col">State</th>
          <th scope="col">Tasks</th>
        </tr>
      </thead>
      <tbody>
        {sets.map((set) => (
          <Row key={set.id} set={set} />
        ))}
      </tbody>
    </table>
  );
}

function Row({ set }: { set: ChangeSet }) {
  const now = useNow();
  const { compact, zoneAt, exact } = useInstants();
  return (
    <tr>
      <th scope="row" className={classes.deed}>
        <Link to="/system/change-sets/$changeSet" params={{ changeSet: set.id }} data-row-link>
          {deedOf(set)}
        </Link>
        {set.note && (
          <span className="dim" title={set.note}>
            {" "}
            {set.note}
          </span>
        )}
      </th>
      <td className={classes.subject} title={subjectOf(set)}>
        {subjectOf(set)}
      </td>
      <td className={classes.who} title={set.actor ?? undefined}>
        {set.actor ?? <span className="dim">{set.channel}</span>}
      </td>
      <td className={classes.when}>
        <RelativeTime at={set.created_at} />{" "}
        <span className="dim small" title={exact(set.created_at)}>
          {compact(set.created_at, now)} {zoneAt(set.created_at)}
        </span>
      </td>
      <td className={classes.state}>
        <ChangeSetStateMark state={set.state} />
        {set.undone_by && <span className="dim">, undone</span>}
      </td>
      <td className={classes.counts}>
        {isMoving(set) && set.total !== null
          ? `${counted(doneOf(set))} of ${counted(set.total)}`
          : `${counted(set.accepted)} accepted`}
        {set.rejected + set.left_out > 0 && (
          <span className={classes.bad}>, {counted(set.rejected + set.left_out)} not</span>
        )}
      </td>
    </tr>
  );
}
