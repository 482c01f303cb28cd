import { Card } from "@/components/Card";
import { DescriptionItem, DescriptionList } from "@/components/DescriptionList";
import { JsonView } from "@/components/JsonView";
import { RelativeTime } from "@/components/RelativeTime";
import { readExact } from "@/lib/exactJson";
import { useInstants } from "@/lib/instant";
import { writtenAt } from "@/lib/json";
import { type Task, written, zoneOfSchedule } from "@/lib/task";
import { TaskOptions } from "./TaskOptions";

/** What a task does, and when, as it was defined. `json` is what it was read from: large numbers in `task` are rounded. */
export function Definition({ task, json }: { task: Task; json: string }) {
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
            <JsonView value={readExact(writtenAt(json, "/payload") ?? "null")} label="Payload" />
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
