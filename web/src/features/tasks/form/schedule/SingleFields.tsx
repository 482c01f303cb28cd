import { TextInput } from "@mantine/core";
import { saysOffset } from "@/lib/instant";
import { DurationField } from "../DurationField";
import { type Fields, inputAt } from "../fields";
import { CronBuilder } from "./builder/CronBuilder";
import { CalendarFields } from "./CalendarFields";
import { ClockChangeFields } from "./ClockChangeFields";
import classes from "./ScheduleFields.module.css";
import { SuggestionNote } from "./SuggestionNote";
import type { Single } from "./single";
import { ZoneField } from "./ZoneField";

/** Where in the draft the schedule is, and whether it is one of several. */
export type SinglePlace = { fields: Fields; path: string; single: Single; isMember?: boolean };

/** The fields of one schedule, whatever its kind. */
export function SingleFields({ fields, path, isMember }: Omit<SinglePlace, "single">) {
  const single = fields.form.getInputProps(path).value as Single;
  const place = { fields, path, single, isMember };
  switch (single.kind) {
    case "cron":
      return <CronFields {...place} />;
    case "every":
      return <IntervalFields {...place} />;
    case "calendar":
      return <CalendarFields {...place} />;
    case "at":
      return <OnceFields {...place} />;
  }
}

function CronFields({ fields, path, single, isMember }: SinglePlace) {
  return (
    <>
      <div>
        <TextInput
          label="Cron expression"
          description={
            isMember
              ? undefined
              : "minute · hour · day of month · month · weekday; with six fields, seconds come first, with seven a year last"
          }
          placeholder="*/5 * * * *"
          autoComplete="off"
          spellCheck={false}
          classNames={{ input: `mono ${classes.cron}` }}
          {...inputAt(fields, `${path}.cron`)}
        />
        <SuggestionNote fields={fields} path={`${path}.cron`} />
        <CronBuilder
          cron={single.cron}
          onChange={(cron) => fields.form.setFieldValue(`${path}.cron`, cron)}
        />
      </div>
      <ZoneField fields={fields} path={`${path}.timezone`} isMember={isMember} />
      <ClockChangeFields fields={fields} path={path} single={single} />
    </>
  );
}

function IntervalFields({ fields, path }: SinglePlace) {
  return (
    <>
      <div>
        <DurationField
          label="Every"
          description="Elapsed time, whatever clocks do."
          {...inputAt(fields, `${path}.every`)}
        />
        <SuggestionNote fields={fields} path={`${path}.every`} />
      </div>
      <TextInput
        label="Counted from"
        description="An instant with its offset. Left empty: “Not before”, else the second in which the task is created."
        placeholder="2026-01-01T00:00:00Z"
        classNames={{ input: "mono" }}
        {...inputAt(fields, `${path}.anchor`)}
      />
    </>
  );
}

function OnceFields({ fields, path, single, isMember }: SinglePlace) {
  const isInstant = saysOffset(single.at);
  const typed = isInstant
    ? { classNames: { input: "mono" } }
    : { type: "datetime-local", step: 1, classNames: { input: "num" } };
  return (
    <>
      <div>
        <TextInput
          label="Date and time"
          description={
            isInstant
              ? "An instant with its own offset. Clear it to choose a local time and a zone instead."
              : "As the clocks in the time zone below show it."
          }
          {...typed}
          {...inputAt(fields, `${path}.at`)}
        />
        <SuggestionNote fields={fields} path={`${path}.at`} />
      </div>
      {!isInstant && <ZoneField fields={fields} path={`${path}.timezone`} isMember={isMember} />}
    </>
  );
}
