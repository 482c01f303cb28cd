import { Textarea, TextInput } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import classes from "./AdvancedFields.module.css";
import { DurationField } from "./DurationField";
import { type Draft, saysOffset } from "./draft";
import type { FieldErrors } from "./pointers";

type Form = UseFormReturnType<Draft>;
type Fields = { form: Form; serverErrors: FieldErrors };

/** From when to when a schedule holds, how often, what it leaves out, and the task's own place in time. */
export function BoundsFields({ form, serverErrors }: Fields) {
  const { kind } = form.getValues();
  return (
    <>
      {kind !== "at" && (
        <>
          <div className={classes.pair}>
            <BoundField form={form} serverErrors={serverErrors} name="start" label="Not before" />
            <BoundField form={form} serverErrors={serverErrors} name="end" label="Not after" />
          </div>
          <TextInput
            label="Number of runs"
            description="Finished after so many scheduled runs. Left empty: no limit."
            inputMode="numeric"
            classNames={{ wrapper: classes.short, input: "num" }}
            {...form.getInputProps("maxRuns")}
            error={form.errors.maxRuns ?? serverErrors.maxRuns}
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
            {...form.getInputProps("exclude")}
            error={form.errors.exclude ?? serverErrors.exclude}
          />
        </>
      )}
      <DurationField
        label="Spread"
        description="The task has its own place within this window after each time, so that many do not start at once. Left empty: on time."
        {...form.getInputProps("spread")}
        error={form.errors.spread ?? serverErrors.spread}
      />
    </>
  );
}

/** At the clock of the time zone, where the schedule has one; else an instant with its offset. */
function BoundField({ form, serverErrors, name, label }: Fields & { name: "start" | "end"; label: string }) {
  const draft = form.getValues();
  const isWhole = draft.kind === "every" || saysOffset(draft[name]);
  const hint = isWhole ? "An instant with its offset." : "As the clocks in the time zone show it.";
  const typed = isWhole
    ? { placeholder: "2026-12-01T00:00:00Z", classNames: { input: "mono" } }
    : { type: "datetime-local", step: 1, classNames: { input: "num" } };
  return (
    <TextInput
      label={label}
      description={hint}
      {...typed}
      {...form.getInputProps(name)}
      error={form.errors[name] ?? serverErrors[name]}
    />
  );
}
