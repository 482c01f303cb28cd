import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { notifyDone, notifyFailed } from "@/components/notify";
import { api, ask } from "@/lib/api";
import { useOnce } from "@/lib/once";
import type { Run } from "@/lib/run";

/** What can be done to one run. A rerun's refusal is its dialog's to show. */
export function useRunActions(run: Run) {
  const client = useQueryClient();
  const once = useOnce();
  const settle = { onSettled: () => client.invalidateQueries() };
  const path = { params: { path: { run_id: run.id } } };

  const cancel = useMutation({
    mutationFn: () => ask(api.POST("/api/v1/runs/{run_id}/cancel", path)),
    onSuccess: () => notifyDone("The run is being cancelled", "It shows here once it has ended."),
    onError: (error) => notifyFailed("The run was not cancelled", error),
    ...settle,
  });
  const rerun = useMutation({
    /** The payload in JSON, which is sent as it is written; without one, the run's own is taken by the server. */
    mutationFn: (payload: string | null) => {
      const json = payload === null ? "{}" : `{"payload":${payload}}`;
      return once(json, (header) =>
        ask(
          api.POST("/api/v1/runs/{run_id}/rerun", {
            params: { ...path.params, header },
            body: {},
            bodySerializer: () => json,
          }),
        ),
      );
    },
    onSuccess: (made) =>
      notifyDone(
        `${run.task_name || run.task_id} runs again`,
        "run_id" in made ? (
          <Link to="/runs/$runId" params={{ runId: made.run_id }}>
            Open the run
          </Link>
        ) : (
          "The request is taken; it shows in the execution log soon."
        ),
      ),
    ...settle,
  });
  return { cancel, rerun };
}
