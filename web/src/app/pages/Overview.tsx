import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { overviewRange } from "@/features/overview/filters";
import { OverviewPage } from "@/features/overview/OverviewPage";

const route = getRouteApi("/");

export function Overview() {
  const navigate = useNavigate();
  const { filters, unknown } = overviewRange(route.useSearch());
  return (
    <OverviewPage
      range={filters.range ?? "1h"}
      unknown={unknown}
      onRange={(range) => void navigate({ to: "/", search: { range: range === "1h" ? undefined : range } })}
    />
  );
}
