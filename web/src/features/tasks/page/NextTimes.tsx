import { useQuery } from "@tanstack/react-query";
import { Card } from "@/components/Card";
import { RelativeTime } from "@/components/RelativeTime";
import { useInstants } from "@/lib/instant";
import { useNow } from "@/lib/now";
import { textOf } from "@/lib/problem";
import { type Task, zoneOfSchedule } from "@/lib/task";
import { noteInWords, previewQuery } from "../preview";
import { ResolvedHashes } from "../ResolvedHashes";
import { TimeList } from "../TimeList";
import classes from "./TaskPage.module.css";

/** When a task runs next. The server computes the times; a task that waits for nothing says why. */
export function NextTimes({ task }: { task: Task }) {
  const taskZone = zoneOfSchedule(task.schedule);
  const { zone } = useInstants(taskZone);
  const isManual = "manual" in task.schedule;
  const isActive = task.state === "active" && !isManual;
  const isOnce = "at" in task.schedule && !("every" in task.schedule);
  const now = useNow();
  const isAhead = task.next_at !== null && Date.parse(task.next_at) > now;
  const isWaiting = isActive && (isAhead || !isOnce);
  const query = previewQuery({ schedule: task.schedule, task_id: task.id, count: 6 });
  const { data, error } = useQuery({ ...query, enabled: isWaiting, refetchInterval: 15_000 });
  return (
    <Card title="Coming times" about={`in ${zone}`}>
      {task.state === "paused" && <p className="dim">Paused: it fires no more until it is resumed.</p>}
      {task.state === "finished" && <p className="dim">Finished: no time is left on its schedule.</p>}
      {isManual && task.state === "active" && <p className="dim">None: it runs only when it is triggered.</p>}
      {isActive && !isWaiting && (
        <p className="dim">None: its time has come, and its run has not ended yet.</p>
      )}
      {isWaiting && task.next_at && (
        <p className="dim">
          The next one <RelativeTime at={task.next_at} zone={taskZone} />.
        </p>
      )}
      {isWaiting && error && !data && <p className="dim">{textOf(error)}</p>}
      {isWaiting && data && <TimeList times={data.next} taskZone={taskZone} />}
      {data && <ResolvedHashes schedule={task.schedule} resolved={data.resolved} />}
      {data?.notes.map((note) => (
        <p key={note} className={classes.note}>
          {noteInWords(note)}
        </p>
      ))}
    </Card>
  );
}
