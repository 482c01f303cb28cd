import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { Fact, Facts } from "@/components/Facts";
import { JsonView } from "@/components/JsonView";
import { Loading } from "@/components/ListStates";
import { Page } from "@/components/Page";
import { Tags } from "@/components/Tags";
import { TaskStateMark } from "@/components/TaskStateMark";
import { When } from "@/components/When";
import { exact } from "@/lib/instant";
import { TASKS_EVERY } from "@/lib/polling";
import { type Task, titleOf, written } from "@/lib/task";
import { ComingTimes } from "./ComingTimes";
import { OptionFacts } from "./OptionFacts";
import { PauseNote } from "./PauseNote";
import { taskQuery } from "./queries";
import { TaskActions } from "./TaskActions";
import { TaskMissing } from "./TaskMissing";
import classes from "./TaskPage.module.css";

/** A task, its coming times, and below them its runs, which the page is given. */
export function TaskPage({ id, runs }: { id: string; runs: ReactNode }) {
  const navigate = useNavigate();
  const { data, error, isPending, refetch } = useQuery({ ...taskQuery(id), refetchInterval: TASKS_EVERY });
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
          <TaskMissing error={error} onRetry={() => void refetch()} />
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
        <ComingTimes task={task} />
      </div>
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
  return (
    <section className={`sheet ${classes.card}`} aria-label="Definition">
      <h2>Definition</h2>
      <Facts>
        <Fact name="Schedule">
          {task.schedule_description}
          <div className="mono dim">{written(task.schedule)}</div>
        </Fact>
        <Fact name="Handler">
          <span className="mono">{task.handler}</span>
        </Fact>
        <Fact name="Payload">
          {task.payload === null ? (
            <span className="dim">none</span>
          ) : (
            <JsonView value={task.payload} label="Payload" />
          )}
        </Fact>
        <OptionFacts task={task} />
        <Fact name="Changed">
          <When at={task.updated_at} /> <span className="dim">· created {exact(task.created_at)}</span>
        </Fact>
      </Facts>
    </section>
  );
}
