import { Switch } from "@mantine/core";
import { DurationField } from "../DurationField";
import { durationInputOf, durationOf } from "../durationInput";
import type { CallForm } from "./CallFields";
import { valueAt } from "./httpCall";
import { useTyped } from "./useTyped";

const USUAL = "PT1H";

/** Whether the target only takes the call, and reports its end later. */
export function CallbackField({ form }: { form: CallForm }) {
  const timeout = valueAt(form.call, "callback.timeout");
  const isOn = valueAt(form.call, "callback") !== undefined;
  const [typed, setTyped] = useTyped(timeout, (value) => durationInputOf(String(value ?? USUAL)), durationOf);
  return (
    <>
      <Switch
        label="Its end is reported later"
        description="The target answers 202 and calls the URL in Tasker-Callback-Url when it is done."
        checked={isOn}
        onChange={(e) => form.set("callback", e.currentTarget.checked ? { timeout: USUAL } : undefined)}
      />
      {isOn && (
        <DurationField
          label="Wait for the report"
          description="What has not come by then has failed."
          value={typed}
          error={form.errorAt("callback")}
          data-path="payload.callback"
          onChange={(chosen) => {
            setTyped(chosen);
            form.set("callback.timeout", durationOf(chosen));
          }}
        />
      )}
    </>
  );
}
