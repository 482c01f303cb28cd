import { TextInput } from "@mantine/core";
import classes from "./AdvancedFields.module.css";
import { DurationField } from "./DurationField";
import type { Form } from "./fields";
import { PolicySelect } from "./policies/PolicySelect";
import { misfires } from "./policies/policies";

/** What becomes of times that could not run when they should have, after an outage for instance. */
export function MisfireFields({ form }: { form: Form }) {
  const { misfirePolicy } = form.getValues();
  return (
    <>
      <PolicySelect label="After an outage" choices={misfires} {...form.getInputProps("misfirePolicy")} />
      <div className={classes.pair}>
        <DurationField
          label="Late from"
          description="What is less late than this always runs."
          {...form.getInputProps("misfireGrace")}
        />
        {misfirePolicy === "all" && (
          <TextInput
            label="At most"
            description="So many late times, the newest."
            inputMode="numeric"
            classNames={{ input: "num" }}
            {...form.getInputProps("misfireMax")}
          />
        )}
      </div>
    </>
  );
}
