import { Button, NativeSelect } from "@mantine/core";
import { ChipFilter } from "@/components/ChipFilter";
import { Icon } from "@/components/Icon";
import { SearchField } from "@/components/SearchField";
import { taskStateWord } from "@/components/TaskStateMark";
import { TASK_STATES, type TaskState } from "@/lib/task";
import { SORTS, type Sort, type TaskFilters } from "./filters";
import { MoreFilters, outcomeWord } from "./MoreFilters";

type Props = { filters: TaskFilters; onChange: (part: TaskFilters) => void };

/** What is looked for most often; the rest is behind a button, and what is set of it stands beside as chips. */
export function TaskFilterBar({ filters, onChange }: Props) {
  const { handler, last_outcome, min_failures, paused_by, tag = [] } = filters;
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
      <Button
        variant={filters.late ? "light" : "default"}
        leftSection={<Icon name="warn" />}
        aria-pressed={filters.late ?? false}
        onClick={() => onChange({ late: filters.late ? undefined : true })}
      >
        Late only
      </Button>
      <MoreFilters filters={filters} onChange={onChange} />
      {handler && (
        <ChipFilter name="Handler" value={handler} onClear={() => onChange({ handler: undefined })} />
      )}
      {last_outcome && (
        <ChipFilter
          name="Last outcome"
          value={outcomeWord(last_outcome)}
          onClear={() => onChange({ last_outcome: undefined })}
        />
      )}
      {min_failures && (
        <ChipFilter
          name="Failures in a row"
          value={`${min_failures}+`}
          onClear={() => onChange({ min_failures: undefined })}
        />
      )}
      {paused_by && (
        <ChipFilter name="Paused by" value={paused_by} onClear={() => onChange({ paused_by: undefined })} />
      )}
      {tag.map((one) => (
        <ChipFilter
          key={one}
          name="Tag"
          value={one}
          onClear={() => onChange({ tag: tag.filter((other) => other !== one) })}
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
