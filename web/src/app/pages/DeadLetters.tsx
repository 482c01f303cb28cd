import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { DeadLettersPage } from "@/features/system/deadLetters/DeadLettersPage";
import { letterFilters } from "@/features/system/deadLetters/filters";

const route = getRouteApi("/system/dead-letters");

export function DeadLetters() {
  const navigate = useNavigate();
  const address = letterFilters(route.useSearch());
  return (
    <DeadLettersPage
      {...address}
      onFilters={(search) => void navigate({ to: "/system/dead-letters", search })}
    />
  );
}
