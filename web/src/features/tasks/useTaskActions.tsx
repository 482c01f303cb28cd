import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { notifyDone, notifyFailed } from "@/components/notify";
import { answer, api } from "@/lib/api";
import { useOnce } from "@/lib/once";
import { titleOf } from "@/lib/task";

export type Actionable = { id: string; name: string };

/** What can be done to a task that exists. Each says what became of it, and has every list asked for anew. */
export function useTaskActions() {
  const client = useQueryClient();
  const once = useOnce();
  const settle = { onSettled: () => client.invalidateQueries() };
  const path = (task: Actionable) => ({ params: { path: { task_id: task.id } } });

  const pause = useMutation({
    mutationKey: ["tasks", "toggle"],
    mutationFn: ({ note, ...task }: Actionable & { note?: string }) =>
      answer(api.POST("/api/v1/tasks/{task_id}/pause", { ...path(task), ...(note && { body: { note } }) })),
    onSuccess: ({ response }, task) =>
      notifyDone(`${titleOf(task)} ${isTaken(response) ? "will pause" : "is paused"}`),
    onError: (error, task) => notifyFailed(`${titleOf(task)} was not paused`, error),
    ...settle,
  });
  const resume = useMutation({
    mutationKey: ["tasks", "toggle"],
    mutationFn: (task: Actionable) => answer(api.POST("/api/v1/tasks/{task_id}/resume", path(task))),
    onSuccess: ({ response }, task) =>
      notifyDone(`${titleOf(task)} ${isTaken(response) ? "will go on" : "goes on"}`),
    onError: (error, task) => notifyFailed(`${titleOf(task)} was not resumed`, error),
    ...settle,
  });
  const runNow = useMutation({
    mutationKey: ["tasks", "run"],
    mutationFn: ({ id }: Actionable) =>
      once(id, (header) =>
        answer(api.POST("/api/v1/tasks/{task_id}/trigger", { params: { path: { task_id: id }, header } })),
      ),
    onSuccess: ({ data }, task) =>
      "run_id" in data
        ? notifyDone(
            `${titleOf(task)} runs now`,
            <Link to="/runs/$runId" params={{ runId: data.run_id }}>
              Open the run
            </Link>,
          )
        : notifyDone(
            `${titleOf(task)} will run`,
            "The request is taken; it shows in the execution log soon.",
          ),
    onError: (error, task) => notifyFailed(`${titleOf(task)} was not run`, error),
    ...settle,
  });
  const remove = useMutation({
    mutationFn: (task: Actionable) => answer(api.DELETE("/api/v1/tasks/{task_id}", path(task))),
    onSuccess: ({ response }, task) =>
      notifyDone(`${titleOf(task)} ${isTaken(response) ? "will be deleted" : "is deleted"}`),
    onError: (error, task) => notifyFailed(`${titleOf(task)} was not deleted`, error),
    // Not waited for: the page of a task that is gone is left before it learns that there is none.
    onSettled: () => void client.invalidateQueries(),
  });
  const cancelRuns = useMutation({
    mutationFn: (task: Actionable) => answer(api.POST("/api/v1/tasks/{task_id}/cancel", path(task))),
    onSuccess: (_, task) =>
      notifyDone(
        `Unfinished runs of ${titleOf(task)} are being cancelled`,
        "The log shows when they have ended.",
      ),
    onError: (error, task) => notifyFailed(`Runs of ${titleOf(task)} were not cancelled`, error),
    ...settle,
  });
  return { pause, resume, runNow, remove, cancelRuns };
}

/** 202: the event is taken, and what becomes of it is not yet decided. */
function isTaken(response: Response): boolean {
  return response.status === 202;
}
