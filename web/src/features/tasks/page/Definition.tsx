import { Card } from "@/components/Card";
import { DescriptionItem, DescriptionList } from "@/components/DescriptionList";
import { JsonView } from "@/components/JsonView";
import { RelativeTime } from "@/components/RelativeTime";
import { useInstants } from "@/lib/instant";
import { type Task, written, zoneOfSchedule } from "@/lib/task";
import { TaskOptions } from "./TaskOptions";

/** What a task does, and when, as it was defined. */
export function Definition({ task }: { task: Task }) {
  const zone = zoneOfSchedule(task.schedule);
  const { exact } = useInstants(zone);
  return (
    <Card title="Definition">
      <DescriptionList>
        <DescriptionItem name="Schedule">
          {task.schedule_description}
          <div className="mono dim">{written(task.schedule)}</div>
        </DescriptionItem>
        <DescriptionItem name="Handler">
          <span className="mono">{task.handler}</span>
        </DescriptionItem>
        <DescriptionItem name="Payload">
          {task.payload === null ? (
            <span className="dim">none</span>
          ) : (
            <JsonView value={task.payload} label="Payload" />
          )}
        </DescriptionItem>
        <TaskOptions task={task} />
        <DescriptionItem name="Changed">
          <RelativeTime at={task.updated_at} zone={zone} />{" "}
          <span className="dim">· created {exact(task.created_at)}</span>
        </DescriptionItem>
      </DescriptionList>
    </Card>
  );
}
