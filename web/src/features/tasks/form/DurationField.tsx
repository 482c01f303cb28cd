import { Input, NativeSelect } from "@mantine/core";
import { type ReactNode, useId } from "react";
import classes from "./DurationField.module.css";
import type { DurationInput } from "./durationInput";

const units = [
  { value: "S", label: "seconds" },
  { value: "M", label: "minutes" },
  { value: "H", label: "hours" },
  { value: "D", label: "days" },
  { value: "iso", label: "as ISO 8601" },
];

type Props = {
  label: string;
  description?: string;
  value?: DurationInput;
  error?: ReactNode;
  onChange?: (value: DurationInput) => void;
  "data-path"?: string;
};

/** A length of time: an amount and its unit, or the ISO form for what one unit can't say (PT1H30M). */
export function DurationField({ label, description, value, error, onChange, "data-path": path }: Props) {
  const id = useId();
  if (!value) return null;
  return (
    <Input.Wrapper id={id} label={label} description={description} error={error}>
      <div className={classes.pair}>
        <Input
          id={id}
          data-path={path}
          aria-invalid={error ? true : undefined}
          error={Boolean(error)}
          inputMode={value.unit === "iso" ? "text" : "numeric"}
          placeholder={value.unit === "iso" ? "PT1H30M" : undefined}
          classNames={{ input: value.unit === "iso" ? "mono" : "num" }}
          value={value.amount}
          onChange={(e) => onChange?.({ ...value, amount: e.currentTarget.value })}
        />
        <NativeSelect
          aria-label={`${label}: unit`}
          data={units}
          value={value.unit}
          onChange={(e) => onChange?.({ ...value, unit: e.currentTarget.value as DurationInput["unit"] })}
        />
      </div>
    </Input.Wrapper>
  );
}
