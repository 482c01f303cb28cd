import { getRouteApi, useNavigate, useParams } from "@tanstack/react-router";
import { useMemo } from "react";
import { type RunFilters, runFilters } from "@/features/runs/filters";
import { RunLogPage } from "@/features/runs/RunLogPage";

const route = getRouteApi("/runs");

/** The log stays as it is while runs are opened and closed beside it: they are routes within its own. */
export function Runs() {
  const navigate = useNavigate();
  const search = route.useSearch();
  const address = useMemo(() => runFilters(search), [search]);
  const { runId } = useParams({ strict: false });
  const show = (search: RunFilters) => void navigate({ to: "/runs", search, resetScroll: false });
  return <RunLogPage {...address} onFilters={show} openRun={runId} onClose={() => show(address.filters)} />;
}
