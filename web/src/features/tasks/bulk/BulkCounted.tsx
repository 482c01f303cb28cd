import { type BulkCount, counted, tasksOf } from "@/lib/changeSets/changeSet";
import { textOf } from "@/lib/problem";
import { titleOf } from "@/lib/task";
import classes from "./Bulk.module.css";

type Props = { subject: string; count: BulkCount | undefined; error: unknown; isOld: boolean };

/** How many tasks it is about, which they are, and who is left out. */
export function BulkCounted({ subject, count, error, isOld }: Props) {
  if (error) {
    return (
      <div className={classes.count} role="alert">
        <span className={classes.bad}>{textOf(error)}</span>
      </div>
    );
  }
  return (
    <div className={classes.count} data-old={isOld || undefined} role="status">
      {subject}: {count ? <strong>{tasksOf(count.count)}</strong> : "being counted…"}
      {count && count.left_out.length > 0 && (
        <>
          <div className={classes.warn}>{tasksOf(count.left_out.length)} can't be changed:</div>
          <ul aria-label="Left out">
            {count.left_out.map(({ task_id, message }) => (
              <li key={task_id}>
                <span className="mono">{task_id}</span>: {message}
              </li>
            ))}
          </ul>
        </>
      )}
      {count && count.sample.length > 0 && (
        <details>
          <summary>
            {count.sample.length < count.count
              ? `The first ${counted(count.sample.length)}`
              : "Which they are"}
          </summary>
          <ul>
            {count.sample.map((task) => (
              <li key={task.id}>{titleOf(task)}</li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}
