import { Textarea, TextInput } from "@mantine/core";
import { saysOffset } from "@/lib/instant";
import classes from "./AdvancedFields.module.css";
import { DurationField } from "./DurationField";
import { type Fields, inputAt } from "./fields";
import { kindIn } from "./schedule/schedule";

/** From when to when a schedule holds, how often, what it leaves out, and the task's own place in time. */
export function BoundsFields({ fields }: { fields: Fields }) {
  const kind = kindIn(fields.form.getValues().schedule);
  return (
    <>
      {kind !== "at" && (
        <>
          <div className={classes.pair}>
            <BoundField fields={fields} name="start" label="Not before" />
            <BoundField fields={fields} name="end" label="Not after" />
          </div>
          <TextInput
            label="Number of runs"
            description="Finished after so many scheduled runs. Left empty: no limit."
            inputMode="numeric"
            classNames={{ wrapper: classes.short, input: "num" }}
            {...inputAt(fields, "maxRuns")}
          />
          <Textarea
            label="Left out"
            description="Dates, ranges of dates or cron expressions, one a line. Their times do not run."
            placeholder={"2026-12-25\n2026-12-24/2027-01-01\n* * * * SAT,SUN"}
            autosize
            minRows={2}
            maxRows={10}
            spellCheck={false}
            classNames={{ input: "mono" }}
            {...inputAt(fields, "exclude")}
          />
          <TextInput
            label="Calendars left out"
            description="Names, with commas between them. Nothing runs on a day of any of them."
            placeholder="holidays"
            spellCheck={false}
            classNames={{ input: "mono" }}
            {...inputAt(fields, "excludeCalendars")}
          />
          <TextInput
            label="Calendars required"
            description="Names, with commas between them. It runs only on days that all of them have."
            placeholder="trading-days"
            spellCheck={false}
            classNames={{ input: "mono" }}
            {...inputAt(fields, "requireCalendars")}
          />
        </>
      )}
      <DurationField
        label="Spread"
        description="Each run is later than its time by the same part of this window, which the task’s id decides, so that many tasks do not start at once. Left empty: on time."
        {...inputAt(fields, "spread")}
      />
    </>
  );
}

/** At the clock of the time zone, where the schedule has one; else an instant with its offset. */
function BoundField({ fields, name, label }: { fields: Fields; name: "start" | "end"; label: string }) {
  const draft = fields.form.getValues();
  const isWhole = kindIn(draft.schedule) === "every" || saysOffset(draft[name]);
  const hint = isWhole ? "An instant with its offset." : "As the clocks in the time zone show it.";
  const typed = isWhole
    ? { placeholder: "2026-12-01T00:00:00Z", classNames: { input: "mono" } }
    : { type: "datetime-local", step: 1, classNames: { input: "num" } };
  return <TextInput label={label} description={hint} {...typed} {...inputAt(fields, name)} />;
}
