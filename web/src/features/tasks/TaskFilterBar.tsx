import { NativeSelect, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { ChipFilter } from "@/components/ChipFilter";
import { SearchField } from "@/components/SearchField";
import { taskStateWord } from "@/components/TaskStateMark";
import { TASK_STATES, type TaskState } from "@/lib/task";
import { SORTS, type Sort, type TaskFilters } from "./filters";
import { handlersQuery } from "./queries";

type Props = { filters: TaskFilters; onChange: (part: TaskFilters) => void };

export function TaskFilterBar({ filters, onChange }: Props) {
  const handlers = useQuery(handlersQuery).data?.items.map((h) => h.name) ?? [];
  const known =
    filters.handler && !handlers.includes(filters.handler) ? [...handlers, filters.handler] : handlers;
  return (
    <search className="filters" aria-label="Filter tasks">
      <SearchField
        label="Search tasks"
        placeholder="Name or id"
        value={filters.q}
        onChange={(q) => onChange({ q })}
      />
      <NativeSelect
        aria-label="State"
        value={filters.state ?? ""}
        onChange={(e) => onChange({ state: (e.currentTarget.value as TaskState) || undefined })}
        data={[
          { value: "", label: "Any state" },
          ...TASK_STATES.map((s) => ({ value: s, label: taskStateWord(s) })),
        ]}
      />
      <NativeSelect
        aria-label="Handler"
        value={filters.handler ?? ""}
        onChange={(e) => onChange({ handler: e.currentTarget.value || undefined })}
        data={[{ value: "", label: "Any handler" }, ...known]}
      />
      {filters.tag ? (
        <ChipFilter name="Tag" value={filters.tag} onClear={() => onChange({ tag: undefined })} />
      ) : (
        <TagField onPick={(tag) => onChange({ tag })} />
      )}
      <NativeSelect
        className="filters-end"
        aria-label="Order"
        value={filters.sort ?? "name"}
        onChange={(e) => onChange({ sort: e.currentTarget.value as Sort })}
        data={Object.entries(SORTS).map(([value, label]) => ({ value, label }))}
      />
    </search>
  );
}

function TagField({ onPick }: { onPick: (tag: string) => void }) {
  return (
    <form
      onSubmit={(e) => {
        e.preventDefault();
        const tag = new FormData(e.currentTarget).get("tag");
        if (typeof tag === "string" && tag.trim()) onPick(tag.trim());
      }}
    >
      <TextInput name="tag" aria-label="Tag" placeholder="Tag, then Enter" />
    </form>
  );
}
