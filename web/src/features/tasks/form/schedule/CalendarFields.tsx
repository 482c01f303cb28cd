import { NativeSelect, TextInput } from "@mantine/core";
import { inputAt } from "../fields";
import { ClockChangeFields } from "./ClockChangeFields";
import classes from "./ScheduleFields.module.css";
import type { SinglePlace } from "./SingleFields";
import { SuggestionNote } from "./SuggestionNote";
import type { Period } from "./single";
import { ZoneField } from "./ZoneField";

const units: { value: Period["unit"]; label: string }[] = [
  { value: "D", label: "days" },
  { value: "W", label: "weeks" },
  { value: "M", label: "months" },
  { value: "Y", label: "years" },
];

/** Every so many days, weeks, months or years, at a time of the day on local clocks. */
export function CalendarFields({ fields, path, single, isMember }: SinglePlace) {
  const { form } = fields;
  const { period } = single;
  const hasMonths = period.unit === "M" || period.unit === "Y";
  const { value: _, onChange: __, ...amount } = inputAt(fields, `${path}.period`);
  return (
    <>
      <div>
        <div className={classes.period}>
          <TextInput
            label="Every"
            inputMode="numeric"
            classNames={{ input: "num" }}
            value={period.amount}
            onChange={(e) =>
              form.setFieldValue(`${path}.period`, { ...period, amount: e.currentTarget.value })
            }
            {...amount}
          />
          <NativeSelect
            label="Unit"
            data={period.unit ? units : [{ value: "", label: "as written" }, ...units]}
            value={period.unit}
            onChange={(e) => form.setFieldValue(`${path}.period`, { ...period, unit: e.currentTarget.value })}
          />
          <TextInput
            type="time"
            step={1}
            label="At"
            classNames={{ input: "num" }}
            {...inputAt(fields, `${path}.timeOfDay`)}
          />
        </div>
        <SuggestionNote fields={fields} path={`${path}.period`} />
      </div>
      <ZoneField fields={fields} path={`${path}.timezone`} isMember={isMember} />
      <TextInput
        type="date"
        label="First day"
        description="What it is counted from: every second Friday begins at a Friday. Left empty: “Not before”, else the day on which the task is created."
        classNames={{ input: "num", wrapper: classes.short }}
        {...inputAt(fields, `${path}.firstDay`)}
      />
      {hasMonths && (
        <NativeSelect
          label="In a month without that day"
          data={[
            { value: "last", label: "its last day is taken" },
            { value: "skip", label: "it does not run" },
          ]}
          {...inputAt(fields, `${path}.monthEnd`)}
        />
      )}
      <ClockChangeFields fields={fields} path={path} single={single} />
    </>
  );
}
