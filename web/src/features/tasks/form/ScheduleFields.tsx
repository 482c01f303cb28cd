import { NativeSelect, SegmentedControl, TextInput } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import { zones } from "@/lib/zones";
import { DurationField } from "./DurationField";
import { type Draft, type Kind, saysOffset } from "./draft";
import type { FieldErrors } from "./pointers";
import classes from "./ScheduleFields.module.css";
import { SchedulePreview } from "./SchedulePreview";
import { Section } from "./Section";
import type { SchedulePreviewState } from "./usePreview";

const kinds: { value: Kind; label: string }[] = [
  { value: "cron", label: "Cron" },
  { value: "every", label: "Interval" },
  { value: "at", label: "One time" },
];
const examples = [
  ["*/5 * * * *", "Every 5 minutes"],
  ["0 * * * *", "Every hour"],
  ["0 9 * * 1-5", "Weekdays at 9"],
  ["0 0 1 * *", "First of the month"],
] as const;

type Form = UseFormReturnType<Draft>;
type Fields = { form: Form; serverErrors: FieldErrors };

/** When: the kind of schedule, its fields, and beside them what the server makes of it while it is typed. */
export function ScheduleFields({ form, preview }: { form: Form; preview: SchedulePreviewState }) {
  const draft = form.getValues();
  const fields = { form, serverErrors: preview.errors };
  return (
    <Section
      title="When"
      hint="By a cron expression, every so often, or once."
      aside={<SchedulePreview preview={preview} zone={draft.kind === "every" ? undefined : draft.timezone} />}
    >
      <SegmentedControl aria-label="Kind of schedule" data={kinds} {...form.getInputProps("kind")} />
      {draft.kind === "cron" && <CronFields {...fields} />}
      {draft.kind === "every" && <IntervalFields {...fields} />}
      {draft.kind === "at" && <OnceFields {...fields} />}
    </Section>
  );
}

function CronFields({ form, serverErrors }: Fields) {
  return (
    <>
      <div>
        <TextInput
          label="Cron expression"
          description="minute · hour · day of month · month · weekday; with six fields, seconds come first"
          placeholder="*/5 * * * *"
          autoComplete="off"
          spellCheck={false}
          classNames={{ input: `mono ${classes.cron}` }}
          {...form.getInputProps("cron")}
          error={form.errors.cron ?? serverErrors.cron}
        />
        <div className={classes.examples}>
          {examples.map(([cron, words]) => (
            <button key={cron} type="button" onClick={() => form.setFieldValue("cron", cron)}>
              {words}
            </button>
          ))}
        </div>
      </div>
      <ZoneField form={form} serverErrors={serverErrors} />
      <details
        className={classes.more}
        open={form.getValues().gap !== "shift" || form.getValues().fold !== "first"}
      >
        <summary>When clocks change</summary>
        <div className={classes.pair}>
          <NativeSelect
            label="A time that is skipped"
            data={[
              { value: "shift", label: "runs right after the gap" },
              { value: "skip", label: "does not run" },
            ]}
            {...form.getInputProps("gap")}
          />
          <NativeSelect
            label="A time that comes twice"
            data={[
              { value: "first", label: "runs the first time" },
              { value: "last", label: "runs the second time" },
              { value: "both", label: "runs both times" },
            ]}
            {...form.getInputProps("fold")}
          />
        </div>
      </details>
    </>
  );
}

function IntervalFields({ form, serverErrors }: Fields) {
  return (
    <>
      <DurationField
        label="Every"
        description="Elapsed time, whatever clocks do."
        {...form.getInputProps("every")}
        error={form.errors.every ?? serverErrors.every}
      />
      <TextInput
        label="Counted from"
        description="An instant with its offset. Left empty: the second in which the task is created."
        placeholder="2026-01-01T00:00:00Z"
        classNames={{ input: "mono" }}
        {...form.getInputProps("anchor")}
        error={form.errors.anchor ?? serverErrors.anchor}
      />
    </>
  );
}

function OnceFields({ form, serverErrors }: Fields) {
  const { at } = form.getValues();
  const error = form.errors.at ?? serverErrors.at;
  if (saysOffset(at)) {
    return (
      <TextInput
        label="Date and time"
        description="An instant with its own offset. Clear it to choose a local time and a zone instead."
        classNames={{ input: "mono" }}
        {...form.getInputProps("at")}
        error={error}
      />
    );
  }
  return (
    <>
      <TextInput
        type="datetime-local"
        step={1}
        label="Date and time"
        description="As the clocks in the time zone below show it."
        classNames={{ input: "num" }}
        {...form.getInputProps("at")}
        error={error}
      />
      <ZoneField form={form} serverErrors={serverErrors} />
    </>
  );
}

function ZoneField({ form, serverErrors }: Fields) {
  return (
    <div>
      <TextInput
        label="Time zone"
        list="zones"
        autoComplete="off"
        spellCheck={false}
        {...form.getInputProps("timezone")}
        error={form.errors.timezone ?? serverErrors.timezone}
      />
      <datalist id="zones">
        {zones.map((zone) => (
          <option key={zone} value={zone} />
        ))}
      </datalist>
    </div>
  );
}
