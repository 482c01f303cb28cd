import { NativeSelect, Switch } from "@mantine/core";
import { runStateWord } from "@/components/RunStateMark";
import { SearchField } from "@/components/SearchField";
import { RUN_KINDS, RUN_STATES, type RunKind, type RunState } from "@/lib/run";
import type { RunFilters } from "./filters";

type Props = {
  filters: RunFilters;
  onChange: (part: RunFilters) => void;
  isWanted: boolean;
  onWanted: (wanted: boolean) => void;
};

export function RunFilterBar({ filters, onChange, isWanted, onWanted }: Props) {
  return (
    <search className="filters" aria-label="Filter runs">
      <SearchField
        label="Task id"
        placeholder="Task id, whole"
        value={filters.task_id}
        onChange={(task_id) => onChange({ task_id })}
      />
      <NativeSelect
        aria-label="State"
        value={filters.state ?? ""}
        onChange={(e) => onChange({ state: (e.currentTarget.value as RunState) || undefined })}
        data={[
          { value: "", label: "Any state" },
          ...RUN_STATES.map((s) => ({ value: s, label: runStateWord(s) })),
        ]}
      />
      <NativeSelect
        aria-label="Kind"
        value={filters.kind ?? ""}
        onChange={(e) => onChange({ kind: (e.currentTarget.value as RunKind) || undefined })}
        data={[{ value: "", label: "Any kind" }, ...RUN_KINDS.map((k) => ({ value: k, label: k }))]}
      />
      <Switch
        className="filters-end"
        label="Follow"
        checked={isWanted}
        onChange={(e) => onWanted(e.currentTarget.checked)}
      />
    </search>
  );
}
