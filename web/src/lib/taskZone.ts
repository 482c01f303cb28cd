import { useQuery } from "@tanstack/react-query";
import { api, ask } from "./api";
import { zoneOfSchedule } from "./task";
import { useZoneChoice } from "./zone";

/** The zone of a task whose times are shown; asked for only while the viewer wants the clocks of tasks. */
export function useTaskZone(taskId?: string): string | null {
  const isWanted = useZoneChoice() === "task" && taskId !== undefined;
  const { data } = useQuery({
    queryKey: ["task", taskId, "zone"],
    queryFn: async ({ signal }) => {
      const params = { path: { task_id: taskId ?? "" } };
      return zoneOfSchedule((await ask(api.GET("/api/v1/tasks/{task_id}", { params, signal }))).schedule);
    },
    enabled: isWanted,
    retry: false,
    staleTime: 60_000,
  });
  return data ?? null;
}
