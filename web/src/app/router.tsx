import {
  createRootRoute,
  createRoute,
  createRouter,
  type RouterHistory,
  redirect,
  useNavigate,
  useParams,
} from "@tanstack/react-router";
import { type RunFilters, runFilters } from "@/features/runs/filters";
import { RunLogPage } from "@/features/runs/RunLogPage";
import { TaskRuns } from "@/features/runs/TaskRuns";
import { DeadLettersPage } from "@/features/system/DeadLettersPage";
import { taskFilters } from "@/features/tasks/filters";
import { EditTaskPage } from "@/features/tasks/form/EditTaskPage";
import { NewTaskPage } from "@/features/tasks/form/NewTaskPage";
import { TaskListPage } from "@/features/tasks/TaskListPage";
import { TaskPage } from "@/features/tasks/TaskPage";
import type { AddressSearch } from "@/lib/address";
import { AppLayout } from "./AppLayout";
import { ErrorPage } from "./ErrorPage";
import { NotFoundPage } from "./NotFoundPage";
import { parseSearch, stringifySearch } from "./search";

/** Each page reads its address itself, and says what it does not understand. */
const asWritten = (search: AddressSearch): AddressSearch => search;

const root = createRootRoute({ component: AppLayout, notFoundComponent: NotFoundPage });

const home = createRoute({
  getParentRoute: () => root,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/tasks", replace: true });
  },
});

const tasks = createRoute({
  getParentRoute: () => root,
  path: "/tasks",
  validateSearch: asWritten,
  component: function Tasks() {
    const navigate = tasks.useNavigate();
    const address = taskFilters(tasks.useSearch());
    return <TaskListPage {...address} onFilters={(search) => void navigate({ search })} />;
  },
});

const newTask = createRoute({ getParentRoute: () => root, path: "/tasks/new", component: NewTaskPage });

const task = createRoute({
  getParentRoute: () => root,
  path: "/tasks/$taskId",
  component: function Task() {
    const { taskId } = task.useParams();
    return <TaskPage key={taskId} id={taskId} runs={<TaskRuns taskId={taskId} />} />;
  },
});

const editTask = createRoute({
  getParentRoute: () => root,
  path: "/tasks/$taskId/edit",
  component: function EditTask() {
    return <EditTaskPage id={editTask.useParams().taskId} />;
  },
});

// The log stays as it is while runs are opened and closed beside it: they are routes within its own.
const runs = createRoute({
  getParentRoute: () => root,
  path: "/runs",
  validateSearch: asWritten,
  component: function Runs() {
    const navigate = useNavigate();
    const address = runFilters(runs.useSearch());
    const { runId } = useParams({ strict: false });
    const show = (search: RunFilters) => void navigate({ to: "/runs", search, resetScroll: false });
    return <RunLogPage {...address} onFilters={show} openRun={runId} onClose={() => show(address.filters)} />;
  },
});
const run = createRoute({ getParentRoute: () => runs, path: "$runId" });

const deadLetters = createRoute({
  getParentRoute: () => root,
  path: "/system/dead-letters",
  component: DeadLettersPage,
});

const routeTree = root.addChildren([
  home,
  tasks,
  newTask,
  task,
  editTask,
  runs.addChildren([run]),
  deadLetters,
]);

export function makeRouter(history?: RouterHistory) {
  return createRouter({
    routeTree,
    history,
    parseSearch,
    stringifySearch,
    scrollRestoration: true,
    defaultErrorComponent: ErrorPage,
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
