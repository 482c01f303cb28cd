import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { missedFilters } from "@/features/runs/missed/filters";
import { MissedPage } from "@/features/runs/missed/MissedPage";

const route = getRouteApi("/missed");

export function Missed() {
  const navigate = useNavigate();
  const address = missedFilters(route.useSearch());
  return <MissedPage {...address} onFilters={(search) => void navigate({ to: "/missed", search })} />;
}
