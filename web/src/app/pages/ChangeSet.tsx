import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { ChangeSetPage } from "@/features/changeSets/ChangeSetPage";
import { itemFilters } from "@/features/changeSets/filters";
import { SystemTabs } from "@/features/system/SystemTabs";

const route = getRouteApi("/system/change-sets/$changeSet");

export function ChangeSet() {
  const navigate = useNavigate();
  const { changeSet } = route.useParams();
  const show = (id: string, search = {}) =>
    void navigate({ to: "/system/change-sets/$changeSet", params: { changeSet: id }, search });
  return (
    <ChangeSetPage
      key={changeSet}
      id={changeSet}
      tabs={<SystemTabs />}
      {...itemFilters(route.useSearch())}
      onFilters={(filters) => show(changeSet, filters)}
      onUndone={({ id }) => show(id)}
    />
  );
}
