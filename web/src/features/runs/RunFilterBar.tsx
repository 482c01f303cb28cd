import { NativeSelect, Switch } from "@mantine/core";
import { ChipFilter } from "@/components/ChipFilter";
import { runStateWord } from "@/components/RunStateMark";
import { SearchField } from "@/components/SearchField";
import { useInstants } from "@/lib/instant";
import { RUN_KINDS, RUN_STATES, type RunKind, type RunState } from "@/lib/run";
import { LANES, type Lane, type Last, type RunFilters } from "./filters";
import { TimeRange } from "./TimeRange";

type Props = {
  filters: RunFilters;
  onChange: (part: RunFilters) => void;
  isWanted: boolean;
  onWanted: (wanted: boolean) => void;
};

const spans: { value: Last | "" | "range"; label: string }[] = [
  { value: "", label: "Any time" },
  { value: "15m", label: "Last 15 minutes" },
  { value: "1h", label: "Last hour" },
  { value: "24h", label: "Last 24 hours" },
  { value: "7d", label: "Last 7 days" },
];

export function RunFilterBar({ filters, onChange, isWanted, onWanted }: Props) {
  const { exact } = useInstants();
  const { from, to } = filters;
  return (
    <search className="filters" aria-label="Filter runs">
      <SearchField
        label="Search runs"
        placeholder="Begin of a run id, or words of a task"
        value={filters.q}
        onChange={(q) => onChange({ q })}
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
      <NativeSelect
        aria-label="Lane"
        value={filters.lane ?? ""}
        onChange={(e) => onChange({ lane: (e.currentTarget.value as Lane) || undefined })}
        data={[
          { value: "", label: "Any lane" },
          ...LANES.map((lane) => ({ value: lane, label: `${lane} lane` })),
        ]}
      />
      <NativeSelect
        aria-label="When"
        value={from || to ? "range" : (filters.last ?? "")}
        onChange={(e) => {
          const last = (e.currentTarget.value as Last) || undefined;
          onChange({ last, from: undefined, to: undefined });
        }}
        data={from || to ? [...spans, { value: "range", label: "From … to …" }] : spans}
      />
      <TimeRange from={from} to={to} onChange={(range) => onChange({ ...range, last: undefined })} />
      {filters.task_id && (
        <ChipFilter name="Task" value={filters.task_id} onClear={() => onChange({ task_id: undefined })} />
      )}
      {from && <ChipFilter name="From" value={exact(from)} onClear={() => onChange({ from: undefined })} />}
      {to && <ChipFilter name="To" value={exact(to)} onClear={() => onChange({ to: undefined })} />}
      <Switch
        className="filters-end"
        label="Follow"
        checked={isWanted}
        onChange={(e) => onWanted(e.currentTarget.checked)}
      />
    </search>
  );
}
