import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Loading } from "@/components/ListStates";
import { notifyDone } from "@/components/notify";
import { Page } from "@/components/Page";
import { api, ask } from "@/lib/api";
import { Problem } from "@/lib/problem";
import { type Schedule, type TaskInput, titleOf } from "@/lib/task";
import { taskQuery } from "../queries";
import { TaskUnavailable } from "../TaskUnavailable";
import { ConflictSection } from "./conflict/ConflictSection";
import { type Read, Unchosen, useConflict } from "./conflict/useConflict";
import { type Draft, inputOf, sentJson } from "./draft";
import type { Form } from "./fields";
import { TaskForm } from "./TaskForm";

export function EditTaskPage({ id }: { id: string }) {
  // Read anew when the form opens.
  const query = { ...taskQuery(id), staleTime: 0, gcTime: 0, refetchOnWindowFocus: false };
  const { data, error, isFetchedAfterMount, refetch } = useQuery(query);
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
  return <Editor key={id} read={data} />;
}

/** Keeps to the task as it was when the form opened: it may be read anew at any time, for a run that has ended. */
function Editor({ read }: { read: Read }) {
  const { opened, conflict, begin, choose, unchosen } = useConflict(read);
  const { task, etag, draft: initial } = opened;
  const navigate = useNavigate();
  const client = useQueryClient();
  const leave = () => navigate({ to: "/tasks/$taskId", params: { taskId: task.id } });

  async function put(draft: Draft, schedule: Schedule, form: Form) {
    if (unchosen.length > 0) throw new Unchosen(unchosen);
    const body = inputOf(draft, schedule);
    const call = { params: { path: { task_id: task.id } }, headers: { "If-Match": etag }, body };
    const bodySerializer = (body: TaskInput) => sentJson(body, draft);
    try {
      const saved = await ask(api.PUT("/api/v1/tasks/{task_id}", { ...call, bodySerializer }));
      notifyDone(
        "event_id" in saved ? "The change is taken" : `${titleOf(saved)} is saved`,
        "event_id" in saved ? "It is not confirmed yet; the task shows it soon." : "",
      );
    } catch (error) {
      if (!(error instanceof Problem && error.status === 412)) throw error;
      await begin(draft, form);
      return undefined;
    }
    void client.invalidateQueries({ queryKey: ["tasks"] });
    await client.invalidateQueries({ queryKey: ["task", task.id], refetchType: "none" });
    return leave;
  }

  return (
    <Page title={`Edit ${titleOf(task)}`} narrow>
      <TaskForm initial={initial} isNew={false} onSave={put} onCancel={() => void leave()}>
        {(form) =>
          conflict && (
            // For each conflict anew: it takes the focus when it comes.
            <ConflictSection
              key={etag}
              conflict={conflict}
              onChoose={(part, side) => choose(part, side, form)}
            />
          )
        }
      </TaskForm>
    </Page>
  );
}
