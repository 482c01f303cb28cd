import { NativeSelect, TagsInput, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";
import type { BulkAction } from "@/lib/changeSets/changeSet";
import { spoken } from "@/lib/duration";
import type { BulkForm } from "./bulkForm";

type Props = { action: BulkAction; form: BulkForm; onChange: (part: Partial<BulkForm>) => void };

/** What an action asks for, and the reason, for the history. */
export function BulkFields({ action, form, onChange }: Props) {
  return (
    <>
      {action === "tag" && (
        <>
          <TagsInput
            label="Add"
            placeholder="Tag, then Enter"
            maxTags={50}
            value={form.add}
            onChange={(add) => onChange({ add })}
            data-autofocus
          />
          <TagsInput
            label="Remove"
            placeholder="Tag, then Enter"
            maxTags={50}
            value={form.remove}
            onChange={(remove) => onChange({ remove })}
          />
        </>
      )}
      {action === "spread" && <SpreadField value={form.spread} onChange={(spread) => onChange({ spread })} />}
      <Textarea
        label="Why (may stay empty)"
        description="For the history of each task."
        autosize
        minRows={1}
        maxRows={5}
        maxLength={1000}
        value={form.note}
        onChange={(e) => onChange({ note: e.currentTarget.value })}
      />
    </>
  );
}

const WINDOWS = ["PT1M", "PT5M", "PT15M", "PT30M", "PT1H"];
const OTHER = "other";
const NONE = "none";

type SpreadProps = { value: string | null; onChange: (value: string | null) => void };

function SpreadField({ value, onChange }: SpreadProps) {
  const [isOther, setOther] = useState(false);
  const windows = isOther || value === null || WINDOWS.includes(value) ? WINDOWS : [...WINDOWS, value];
  return (
    <>
      <NativeSelect
        label="Over"
        value={isOther ? OTHER : (value ?? NONE)}
        onChange={(e) => {
          const picked = e.currentTarget.value;
          setOther(picked === OTHER);
          if (picked === NONE) onChange(null);
          else onChange(picked === OTHER ? (value ?? "") : picked);
        }}
        data={[
          ...windows.map((window) => ({ value: window, label: spoken(window) })),
          { value: OTHER, label: "Another window…" },
          { value: NONE, label: "Nothing: spread no more" },
        ]}
      />
      {isOther && (
        <TextInput
          label="Window"
          description="As ISO 8601 has it: PT90S, PT1H30M."
          classNames={{ input: "mono" }}
          value={value ?? ""}
          onChange={(e) => onChange(e.currentTarget.value)}
        />
      )}
    </>
  );
}
