import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { DescriptionItem, DescriptionList } from "@/components/DescriptionList";
import { JsonView } from "@/components/JsonView";
import { Loading } from "@/components/ListStates";
import { Page } from "@/components/Page";
import { RelativeTime } from "@/components/RelativeTime";
import { Tags } from "@/components/Tags";
import { TaskStateMark } from "@/components/TaskStateMark";
import { useInstants } from "@/lib/instant";
import { every } from "@/lib/live/live";
import { TASKS_EVERY } from "@/lib/polling";
import { type Task, titleOf, written, zoneOfSchedule } from "@/lib/task";
import { Chains } from "./Chains";
import { NextTimes } from "./NextTimes";
import { PauseNote } from "./PauseNote";
import { taskQuery } from "./queries";
import { TaskActions } from "./TaskActions";
import { TaskOptions } from "./TaskOptions";
import classes from "./TaskPage.module.css";
import { TaskUnavailable } from "./TaskUnavailable";

/** A task, its coming times, and below them its runs, which the page is given. */
export function TaskPage({ id, runs }: { id: string; runs: ReactNode }) {
  const navigate = useNavigate();
  const { data, error, isPending, refetch } = useQuery({
    ...taskQuery(id),
    refetchInterval: every(TASKS_EVERY),
  });
  if (isPending) {
    return (
      <Page title={id}>
        <Loading label="Loading the task" rows={4} />
      </Page>
    );
  }
  if (!data) {
    return (
      <Page title={id}>
        <div className="sheet">
          <TaskUnavailable error={error} onRetry={() => void refetch()} />
        </div>
        <section className={classes.runs}>{runs}</section>
      </Page>
    );
  }
  const { task } = data;
  return (
    <Page
      title={titleOf(task)}
      below={<Subtitle task={task} />}
      actions={<TaskActions task={task} spelled onDeleted={() => void navigate({ to: "/tasks" })} />}
    >
      {task.description && <p className={classes.description}>{task.description}</p>}
      <PauseNote pause={task.pause} />
      <div className={classes.cards}>
        <Definition task={task} />
        <NextTimes task={task} />
      </div>
      <Chains task={task} />
      <section className={classes.runs}>{runs}</section>
    </Page>
  );
}

function Subtitle({ task }: { task: Task }) {
  return (
    <div className={classes.subtitle}>
      <TaskStateMark state={task.state} />
      <span className="mono">{task.id}</span>
      <Tags tags={task.tags} />
    </div>
  );
}

function Definition({ task }: { task: Task }) {
  const { exact } = useInstants(zoneOfSchedule(task.schedule));
  return (
    <section className={`sheet ${classes.card}`} aria-label="Definition">
      <h2>Definition</h2>
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
          <RelativeTime at={task.updated_at} />{" "}
          <span className="dim">· created {exact(task.created_at)}</span>
        </DescriptionItem>
      </DescriptionList>
    </section>
  );
}
