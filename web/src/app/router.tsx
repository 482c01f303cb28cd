import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  type RouterHistory,
} from "@tanstack/react-router";
import type { AddressSearch } from "@/lib/address";
import { AppLayout } from "./AppLayout";
import { ErrorPage } from "./ErrorPage";
import { NotFoundPage } from "./NotFoundPage";
import { PagePending } from "./PagePending";
import { parseSearch, stringifySearch } from "./search";

/** Each page reads its address itself, and says what it does not understand. */
const validateSearch = (search: AddressSearch): AddressSearch => search;

const root = createRootRoute({ component: AppLayout, notFoundComponent: NotFoundPage });
const getParentRoute = () => root;

// Each page is read when it is first shown, and before that when somebody is about to follow a link to it.
const routeTree = root.addChildren([
  createRoute({
    ...{ getParentRoute, path: "/", validateSearch },
    component: lazyRouteComponent(() => import("./pages/Overview"), "Overview"),
  }),
  createRoute({
    ...{ getParentRoute, path: "/tasks", validateSearch },
    component: lazyRouteComponent(() => import("./pages/Tasks"), "Tasks"),
  }),
  createRoute({
    ...{ getParentRoute, path: "/tasks/new" },
    component: lazyRouteComponent(() => import("@/features/tasks/form/NewTaskPage"), "NewTaskPage"),
  }),
  createRoute({
    ...{ getParentRoute, path: "/tasks/$taskId", validateSearch },
    component: lazyRouteComponent(() => import("./pages/Task"), "Task"),
  }),
  createRoute({
    ...{ getParentRoute, path: "/tasks/$taskId/edit" },
    component: lazyRouteComponent(() => import("./pages/EditTask"), "EditTask"),
  }),
  createRoute({
    ...{ getParentRoute, path: "/import" }, // not below /tasks: a task may have the id "import"
    component: lazyRouteComponent(() => import("@/features/tasks/files/ImportPage"), "ImportPage"),
  }),
  runsRoute(),
  createRoute({
    ...{ getParentRoute, path: "/missed", validateSearch },
    component: lazyRouteComponent(() => import("./pages/Missed"), "Missed"),
  }),
  createRoute({
    ...{ getParentRoute, path: "/upcoming", validateSearch },
    component: lazyRouteComponent(() => import("./pages/Upcoming"), "Upcoming"),
  }),
  createRoute({
    ...{ getParentRoute, path: "/system" },
    component: lazyRouteComponent(() => import("@/features/system/health/SystemPage"), "SystemPage"),
  }),
  createRoute({
    ...{ getParentRoute, path: "/system/dead-letters", validateSearch },
    component: lazyRouteComponent(() => import("./pages/DeadLetters"), "DeadLetters"),
  }),
  createRoute({
    ...{ getParentRoute, path: "/system/change-sets", validateSearch },
    component: lazyRouteComponent(() => import("./pages/ChangeSets"), "ChangeSets"),
  }),
  createRoute({
    ...{ getParentRoute, path: "/system/change-sets/$changeSet", validateSearch },
    component: lazyRouteComponent(() => import("./pages/ChangeSet"), "ChangeSet"),
  }),
  createRoute({
    ...{ getParentRoute, path: "/system/keys" },
    component: lazyRouteComponent(() => import("@/features/system/keys/KeysPage"), "KeysPage"),
  }),
]);

/** A run opens beside the log: its route lies within the log's. */
function runsRoute() {
  const runs = createRoute({
    ...{ getParentRoute, path: "/runs", validateSearch },
    component: lazyRouteComponent(() => import("./pages/Runs"), "Runs"),
  });
  return runs.addChildren([createRoute({ getParentRoute: () => runs, path: "$runId" })]);
}

export function makeRouter(history?: RouterHistory) {
  return createRouter({
    routeTree,
    history,
    parseSearch,
    stringifySearch,
    scrollRestoration: true,
    defaultPreload: "intent",
    defaultErrorComponent: ErrorPage,
    defaultPendingComponent: PagePending,
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
