import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { upcomingFilters } from "@/features/upcoming/filters";
import { UpcomingPage } from "@/features/upcoming/UpcomingPage";

const route = getRouteApi("/upcoming");

export function Upcoming() {
  const navigate = useNavigate();
  const address = upcomingFilters(route.useSearch());
  return <UpcomingPage {...address} onFilters={(search) => void navigate({ to: "/upcoming", search })} />;
}
