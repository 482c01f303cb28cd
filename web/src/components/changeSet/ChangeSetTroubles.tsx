import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type ChangeSet, counted } from "@/lib/changeSets/changeSet";
import { itemsQuery } from "@/lib/changeSets/queries";
import classes from "./ChangeSet.module.css";

const SHOWN = 5;

/** Some of those that could not be changed, and why. */
export function ChangeSetTroubles({ of }: { of: ChangeSet }) {
  const rejected = useQuery({ ...itemsQuery(of.id, "rejected", SHOWN), enabled: of.rejected > 0 }).data
    ?.items;
  const found = [
    ...(rejected ?? []).map(({ task_id, errors }) => ({
      task_id,
      message: errors.map(({ message }) => message).join("; ") || "rejected",
    })),
    ...of.examples.slice(0, SHOWN),
  ];
  if (found.length === 0) return null;
  const others = of.rejected + of.left_out - found.length;
  return (
    <ul className={classes.examples} aria-label="What could not be done">
      {found.map(({ task_id, message }) => (
        <li key={task_id}>
          <Link to="/tasks/$taskId" params={{ taskId: task_id }} className="mono">
            {task_id}
          </Link>{" "}
          {message}
        </li>
      ))}
      {others > 0 && <li className="dim">and {counted(others)} more</li>}
    </ul>
  );
}
