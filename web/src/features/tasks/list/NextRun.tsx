import { Icon } from "@/components/Icon";
import { RelativeTime } from "@/components/RelativeTime";
import { useInstants } from "@/lib/instant";
import { useNow } from "@/lib/now";
import { type TaskItem, zoneOfSchedule } from "@/lib/task";
import classes from "./TaskTable.module.css";

type Props = { task: TaskItem; isOverdue: boolean };

/** When a task runs next: how far away, and by the clock. Says so where that should have been by now. */
export function NextRun({ task, isOverdue }: Props) {
  if ("manual" in task.schedule) return <span className={classes.none}>when triggered</span>;
  if (!task.next_at) return <None />;
  return <Instant at={task.next_at} zone={zoneOfSchedule(task.schedule)} isOverdue={isOverdue} />;
}

function Instant({ at, zone, isOverdue }: { at: string; zone: string | null; isOverdue: boolean }) {
  const now = useNow();
  const { compact, zoneAt, exact } = useInstants(zone);
  const isAhead = Date.parse(at) > now;
  return (
    <>
      {isOverdue && (
        <span className={classes.late}>
          <Icon name="warn" size={14} />
          late
        </span>
      )}
      {isAhead || isOverdue ? <RelativeTime at={at} zone={zone} /> : "due"}
      <span className={classes.clock} title={exact(at)}>
        {compact(at, now)} {zoneAt(at)}
      </span>
    </>
  );
}

export function None() {
  return (
    <span className={classes.none}>
      <span aria-hidden="true">–</span>
      <span className="sr-only">none</span>
    </span>
  );
}
