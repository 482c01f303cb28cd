import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { LeftOut } from "@/components/LeftOut";
import { Loading } from "@/components/ListStates";
import { Page } from "@/components/Page";
import { Tags } from "@/components/Tags";
import { TaskStateMark } from "@/components/TaskStateMark";
import type { Unknown } from "@/lib/address";
import { every } from "@/lib/live/live";
import { TASKS_EVERY } from "@/lib/polling";
import { type Task, titleOf, zoneOfSchedule } from "@/lib/task";
import { HistoryTab } from "../history/HistoryTab";
import { OccurrencesTab } from "../occurrences/OccurrencesTab";
import { taskQuery } from "../queries";
import { TaskUnavailable } from "../TaskUnavailable";
import type { TaskAddress } from "./address";
import { PauseNote } from "./PauseNote";
import { TaskActions } from "./TaskActions";
import { TaskOverview } from "./TaskOverview";
import classes from "./TaskPage.module.css";
import { TaskTabs } from "./TaskTabs";

type Props = {
  id: string;
  filters: TaskAddress;
  unknown: readonly Unknown[];
  onFilters: (filters: TaskAddress) => void;
  /** Its runs, by the clock of its zone: what the page is given to show them. */
  runs: (zone: string | null) => ReactNode;
};

/** A task from all sides. Of one that is deleted there are still its runs, its occurrences and its history. */
export function TaskPage({ id, filters, unknown, onFilters, runs }: Props) {
  const navigate = useNavigate();
  const { data, error, isPending, refetch } = useQuery({
    ...taskQuery(id),
    refetchInterval: every(TASKS_EVERY),
  });
  const task = data?.task;
  const zone = task && zoneOfSchedule(task.schedule);
  const unavailable = () => (
    <div className="sheet">
      {isPending ? (
        <Loading label="Loading the task" rows={4} />
      ) : (
        <TaskUnavailable error={error} onRetry={() => void refetch()} />
      )}
    </div>
  );
  return (
    <Page
      title={task ? titleOf(task) : id}
      below={task && <Subtitle task={task} />}
      actions={task && <TaskActions task={task} onDeleted={() => void navigate({ to: "/tasks" })} />}
    >
      <LeftOut unknown={unknown} onClear={() => onFilters(filters)} />
      {task?.description && <p className={classes.description}>{task.description}</p>}
      <PauseNote pause={task?.pause} zone={zone} />
      <TaskTabs
        tab={filters.tab ?? "overview"}
        onTab={(tab) => onFilters({ tab: tab === "overview" ? undefined : tab })}
        panels={{
          overview: () => (data ? <TaskOverview task={data.task} json={data.json} /> : unavailable()),
          runs: () => runs(zone ?? null),
          occurrences: () => (
            <OccurrencesTab
              {...{ taskId: id, zone, filters }}
              isThere={task !== undefined}
              onFilters={(next) => onFilters({ tab: "occurrences", ...next })}
            />
          ),
          history: () => (
            <HistoryTab
              {...{ taskId: id, zone, etag: data?.etag, isThere: task !== undefined }}
              shown={filters}
              onShow={(next) => onFilters({ tab: "history", ...next })}
            />
          ),
        }}
      />
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
