import { NativeSelect, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { ChipFilter } from "@/components/ChipFilter";
import { SearchField } from "@/components/SearchField";
import { taskStateWord } from "@/components/TaskStateMark";
import { LAST_OUTCOMES, type LastOutcome } from "@/lib/run";
import { TASK_STATES, type TaskState } from "@/lib/task";
import { SORTS, type Sort, type TaskFilters } from "./filters";
import { handlersQuery } from "./queries";

type Props = { filters: TaskFilters; onChange: (part: TaskFilters) => void };

export function TaskFilterBar({ filters, onChange }: Props) {
  const handlers = useQuery(handlersQuery).data?.items.map((h) => h.name) ?? [];
  const known =
    filters.handler && !handlers.includes(filters.handler) ? [...handlers, filters.handler] : handlers;
  const tags = filters.tag ?? [];
  return (
    <search className="filters" aria-label="Filter tasks">
      <SearchField
        label="Search tasks"
        placeholder="Words of name, id or tags"
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
      <NativeSelect
        aria-label="Last outcome"
        value={filters.last_outcome ?? ""}
        onChange={(e) => onChange({ last_outcome: (e.currentTarget.value as LastOutcome) || undefined })}
        data={[
          { value: "", label: "Any last outcome" },
          ...LAST_OUTCOMES.map((outcome) => ({
            value: outcome,
            label: outcome === "none" ? "None has ended" : `Last ${outcome}`,
          })),
        ]}
      />
      <NativeSelect
        aria-label="Failures in a row"
        value={filters.min_failures ?? ""}
        onChange={(e) => onChange({ min_failures: Number(e.currentTarget.value) || undefined })}
        data={[{ value: "", label: "Any failures" }, ...leastFailures(filters.min_failures)]}
      />
      <SearchField
        label="Paused by"
        placeholder="Paused by"
        icon="pause"
        isShort
        value={filters.paused_by}
        onChange={(paused_by) => onChange({ paused_by })}
      />
      <TagField onPick={(tag) => onChange({ tag: [...new Set([...tags, tag])] })} />
      {tags.map((tag) => (
        <ChipFilter
          key={tag}
          name="Tag"
          value={tag}
          onClear={() => onChange({ tag: tags.filter((other) => other !== tag) })}
        />
      ))}
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

function leastFailures(asked?: number) {
  const numbers = [...new Set([1, 2, 3, 5, 10, ...(asked ? [asked] : [])])].sort((a, b) => a - b);
  return numbers.map((n) => ({ value: String(n), label: `${n}+ failures in a row` }));
}

function TagField({ onPick }: { onPick: (tag: string) => void }) {
  return (
    <form
      onSubmit={(e) => {
        e.preventDefault();
        const tag = new FormData(e.currentTarget).get("tag");
        if (typeof tag === "string" && tag.trim()) onPick(tag.trim());
        e.currentTarget.reset();
      }}
    >
      <TextInput name="tag" aria-label="Tag" placeholder="Tag, then Enter" />
    </form>
  );
}
