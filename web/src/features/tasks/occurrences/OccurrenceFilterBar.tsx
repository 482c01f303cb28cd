import { Button, NativeSelect, SegmentedControl, TextInput } from "@mantine/core";
import { useState } from "react";
import { ChipFilter } from "@/components/ChipFilter";
import { useInstants } from "@/lib/instant";
import { OCCURRENCE_STATUSES, type OccurrenceStatus } from "@/lib/occurrence";
import { fromZoned, toZoned } from "@/lib/zonedTime";
import { occurrenceWord } from "./OccurrenceMark";
import classes from "./Occurrences.module.css";
import type { OccurrenceFilters } from "./queries";

type Props = {
  filters: OccurrenceFilters;
  zone?: string | null;
  onChange: (part: OccurrenceFilters) => void;
};

/** Past or coming ones, only those of a status, and from which instant on. */
export function OccurrenceFilterBar({ filters, zone: taskZone, onChange }: Props) {
  const { zone, exact } = useInstants(taskZone);
  const { status = [], order = "desc", at } = filters;
  const several = status.length > 1 ? [{ value: "several", label: "Several" }] : [];
  return (
    <search className={`filters ${classes.bar}`} aria-label="Filter occurrences">
      <SegmentedControl
        aria-label="Which way"
        data={[
          { value: "desc", label: "Past" },
          { value: "asc", label: "Coming" },
        ]}
        value={order}
        onChange={(way) => onChange({ order: way === "asc" ? "asc" : undefined, at: undefined })}
      />
      <NativeSelect
        aria-label="Status"
        value={status.length > 1 ? "several" : (status[0] ?? "")}
        onChange={(e) => {
          const chosen = e.currentTarget.value as OccurrenceStatus | "" | "several";
          if (chosen !== "several") onChange({ status: chosen ? [chosen] : undefined });
        }}
        data={[
          { value: "", label: "Any status" },
          ...several,
          ...OCCURRENCE_STATUSES.map((one) => ({ value: one, label: occurrenceWord(one) })),
        ]}
      />
      <JumpTo key={`${at} ${zone}`} at={at} zone={zone} onJump={(to) => onChange({ at: to })} />
      {at && (
        <ChipFilter
          name={order === "asc" ? "From" : "Before"}
          value={exact(at)}
          onClear={() => onChange({ at: undefined })}
        />
      )}
    </search>
  );
}

type JumpProps = { at?: string; zone: string; onJump: (at: string | undefined) => void };

/** An instant by the chosen clock, to go to. */
function JumpTo({ at, zone, onJump }: JumpProps) {
  const [local, setLocal] = useState(at ? toZoned(at, zone) : "");
  return (
    <form
      className={classes.jump}
      onSubmit={(e) => {
        e.preventDefault();
        onJump(fromZoned(local, zone));
      }}
    >
      <TextInput
        type="datetime-local"
        step={1}
        aria-label={`Jump to, in ${zone}`}
        title={`In ${zone}`}
        classNames={{ input: "num" }}
        value={local}
        onChange={(e) => setLocal(e.currentTarget.value)}
      />
      <Button type="submit" variant="default" disabled={local === ""}>
        Jump to
      </Button>
    </form>
  );
}
