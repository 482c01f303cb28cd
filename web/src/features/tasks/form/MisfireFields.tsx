import { NativeSelect, TextInput } from "@mantine/core";
import classes from "./AdvancedFields.module.css";
import { DurationField } from "./DurationField";
import type { Form } from "./fields";

/** What becomes of times that could not run when they should have, after an outage for instance. */
export function MisfireFields({ form }: { form: Form }) {
  const { misfirePolicy } = form.getValues();
  return (
    <>
      <NativeSelect
        label="After an outage"
        description="What does not run is recorded as missed."
        data={[
          { value: "latest", label: "run the newest of the late times" },
          { value: "all", label: "run the late times, the newest so many" },
          { value: "none", label: "run none of the late times" },
        ]}
        {...form.getInputProps("misfirePolicy")}
      />
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
