import { getRouteApi } from "@tanstack/react-router";
import { TaskRuns } from "@/features/runs/TaskRuns";
import { TaskPage } from "@/features/tasks/TaskPage";

const route = getRouteApi("/tasks/$taskId");

export function Task() {
  const { taskId } = route.useParams();
  return <TaskPage key={taskId} id={taskId} runs={<TaskRuns taskId={taskId} />} />;
}
