import { useMutation, useQueryClient } from "@tanstack/react-query";
import { notifyDone } from "@/components/notify";
import { answer, api } from "@/lib/api";

export type Revert = { version: number; note?: string; ifMatch?: string };

/** Puts an earlier version of a task back, as a new one. A refusal is its dialog's to show. */
export function useRevert(taskId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ version, note, ifMatch }: Revert) =>
      answer(
        api.POST("/api/v1/tasks/{task_id}/revert", {
          params: { path: { task_id: taskId }, header: { "If-Match": ifMatch } },
          body: { version, note },
        }),
      ),
    onSuccess: ({ response: { status } }, { version }) => {
      if (status === 202) notifyDone(`Version ${version} will be put back`, "The request is taken.");
      else if (status === 201) notifyDone(`The task is made anew as version ${version} was`);
      else notifyDone(`Version ${version} is put back`);
    },
    onSettled: () => client.invalidateQueries(),
  });
}
