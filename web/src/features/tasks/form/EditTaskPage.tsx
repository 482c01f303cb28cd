import { Button } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { Banner } from "@/components/Banner";
import { Loading } from "@/components/ListStates";
import { notifyDone } from "@/components/notify";
import { Page } from "@/components/Page";
import { api, ask } from "@/lib/api";
import { Problem } from "@/lib/problem";
import { type Schedule, type Task, titleOf } from "@/lib/task";
import { viewerZone } from "@/lib/zone";
import { taskQuery } from "../queries";
import { TaskUnavailable } from "../TaskUnavailable";
import { type Draft, draftOf, inputOf } from "./draft";
import { TaskForm } from "./TaskForm";

export function EditTaskPage({ id }: { id: string }) {
  // Read anew when the form opens.
  const query = { ...taskQuery(id), staleTime: 0, gcTime: 0, refetchOnWindowFocus: false };
  const { data, error, isFetchedAfterMount, refetch } = useQuery(query);
  const [reloads, setReloads] = useState(0);
  if (!isFetchedAfterMount) {
    return (
      <Page title="Edit task" narrow>
        <Loading label="Loading the task" />
      </Page>
    );
  }
  if (!data) {
    return (
      <Page title="Edit task" narrow>
        <div className="sheet">
          <TaskUnavailable error={error} onRetry={() => void refetch()} />
        </div>
      </Page>
    );
  }
  const reload = () => void refetch().then(() => setReloads((n) => n + 1));
  return <Editor key={`${id} ${reloads}`} read={data} onReload={reload} />;
}

/** A task as it was read: with the ETag that a change of it must name. */
type Read = { task: Task; etag: string };

/** Keeps to the task as it was when the form opened: it may be read anew at any time, for a run that has ended. */
function Editor({ read, onReload }: { read: Read; onReload: () => void }) {
  const [{ task, etag }] = useState(read);
  const [initial] = useState(() => draftOf(task, viewerZone));
  const [isConflict, setConflict] = useState(false);
  const navigate = useNavigate();
  const client = useQueryClient();
  const leave = () => navigate({ to: "/tasks/$taskId", params: { taskId: task.id } });

  async function put(draft: Draft, schedule: Schedule) {
    setConflict(false);
    const body = inputOf(draft, schedule);
    const call = { params: { path: { task_id: task.id } }, headers: { "If-Match": etag }, body };
    try {
      const saved = await ask(api.PUT("/api/v1/tasks/{task_id}", call));
      notifyDone(
        "event_id" in saved ? "The change is taken" : `${titleOf(saved)} is saved`,
        "event_id" in saved ? "It is not confirmed yet; the task shows it soon." : "",
      );
    } catch (error) {
      if (!(error instanceof Problem && error.status === 412)) throw error;
      setConflict(true);
      return undefined;
    }
    void client.invalidateQueries({ queryKey: ["tasks"] });
    await client.invalidateQueries({ queryKey: ["task", task.id], refetchType: "none" });
    return leave;
  }

  return (
    <Page title={`Edit ${titleOf(task)}`} narrow>
      <TaskForm initial={initial} isNew={false} onSave={put} onCancel={() => void leave()}>
        {isConflict && (
          <Banner
            tone="warn"
            icon="warn"
            action={
              <Button variant="default" onClick={onReload}>
                Reload the task
              </Button>
            }
          >
            <strong>Somebody else changed this task</strong> since you opened it, so nothing was saved.
            Reloading shows their version and drops what you typed.
          </Banner>
        )}
      </TaskForm>
    </Page>
  );
}
