import type { Task } from "@/lib/task";
import { Chains } from "./Chains";
import { Definition } from "./Definition";
import { LastFailures } from "./LastFailures";
import { NextTimes } from "./NextTimes";
import { Statistics } from "./Statistics";
import classes from "./TaskPage.module.css";

/** A task at a glance: what it is, when it comes, and how it went. */
export function TaskOverview({ task, json }: { task: Task; json: string }) {
  return (
    <div className={classes.cards}>
      <div className={classes.column}>
        <Definition task={task} json={json} />
        <Chains task={task} />
        <LastFailures task={task} />
      </div>
      <div className={classes.column}>
        <NextTimes task={task} />
        <Statistics taskId={task.id} />
      </div>
    </div>
  );
}
