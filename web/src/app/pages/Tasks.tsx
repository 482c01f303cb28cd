import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { taskFilters } from "@/features/tasks/list/filters";
import { TaskListPage } from "@/features/tasks/list/TaskListPage";

const route = getRouteApi("/tasks");

export function Tasks() {
  const navigate = useNavigate();
  return (
    <TaskListPage
      {...taskFilters(route.useSearch())}
      onFilters={(search) => void navigate({ to: "/tasks", search })}
    />
  );
}
