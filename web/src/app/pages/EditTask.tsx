import { getRouteApi } from "@tanstack/react-router";
import { EditTaskPage } from "@/features/tasks/form/EditTaskPage";

const route = getRouteApi("/tasks/$taskId/edit");

export function EditTask() {
  return <EditTaskPage id={route.useParams().taskId} />;
}
