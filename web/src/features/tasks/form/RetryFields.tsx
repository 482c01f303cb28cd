import { TextInput } from "@mantine/core";
import classes from "./AdvancedFields.module.css";
import { DurationField } from "./DurationField";
import type { Form } from "./fields";
import { PolicySelect } from "./policies/PolicySelect";
import { attemptsInWords, overlaps } from "./policies/policies";

/** What becomes of a run that meets an unfinished one, takes too long, or fails. */
export function RetryFields({ form }: { form: Form }) {
  const isRetried = form.getValues().retryAttempts.trim() !== "1";
  return (
    <>
      <PolicySelect
        label="While another run is unfinished"
        choices={overlaps}
        {...form.getInputProps("overlap")}
      />
      <DurationField
        label="Timeout"
        description="An attempt that takes longer is stopped and has failed."
        {...form.getInputProps("timeout")}
      />
      <TextInput
        label="Attempts"
        description={attemptsInWords(form.getValues().retryAttempts)}
        inputMode="numeric"
        classNames={{ wrapper: classes.short, input: "num" }}
        {...form.getInputProps("retryAttempts")}
      />
      {isRetried && (
        <div className={classes.pair}>
          <DurationField
            label="First pause"
            description="Between the first failure and the next attempt."
            {...form.getInputProps("retryInitial")}
          />
          <TextInput
            label="Growth"
            description="Each pause is so many times the one before."
            inputMode="decimal"
            classNames={{ wrapper: classes.short, input: "num" }}
            {...form.getInputProps("retryFactor")}
          />
          <DurationField
            label="Longest pause"
            description="However often it failed."
            {...form.getInputProps("retryMax")}
          />
          <TextInput
            label="Jitter, in percent"
            description="So much of a pause is left to chance."
            inputMode="decimal"
            classNames={{ wrapper: classes.short, input: "num" }}
            {...form.getInputProps("retryJitter")}
          />
          <DurationField
            label="Give up after"
            description="No attempt is later than this after the run's time."
            {...form.getInputProps("retryMaxAge")}
          />
        </div>
      )}
      <TextInput
        label="Pause after failures in a row"
        description="So many failed runs, none of them made good by a later one, pause the task. Empty: it goes on."
        inputMode="numeric"
        classNames={{ wrapper: classes.short, input: "num" }}
        {...form.getInputProps("maxFailures")}
      />
    </>
  );
}
