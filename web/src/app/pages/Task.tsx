import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { TaskRuns } from "@/features/runs/TaskRuns";
import { taskAddress } from "@/features/tasks/page/address";
import { TaskPage } from "@/features/tasks/page/TaskPage";

const route = getRouteApi("/tasks/$taskId");

export function Task() {
  const navigate = useNavigate();
  const { taskId } = route.useParams();
  return (
    <TaskPage
      key={taskId}
      id={taskId}
      {...taskAddress(route.useSearch())}
      onFilters={(search) =>
        void navigate({ to: "/tasks/$taskId", params: { taskId }, search, resetScroll: false })
      }
      runs={(zone) => <TaskRuns taskId={taskId} zone={zone} />}
    />
  );
}
