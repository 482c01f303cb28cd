import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { ChangeSetsPage } from "@/features/changeSets/ChangeSetsPage";
import { changeSetFilters } from "@/features/changeSets/filters";
import { SystemTabs } from "@/features/system/SystemTabs";

const route = getRouteApi("/system/change-sets");

export function ChangeSets() {
  const navigate = useNavigate();
  return (
    <ChangeSetsPage
      tabs={<SystemTabs />}
      {...changeSetFilters(route.useSearch())}
      onFilters={(search) => void navigate({ to: "/system/change-sets", search })}
    />
  );
}
