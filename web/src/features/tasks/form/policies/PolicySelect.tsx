import { NativeSelect, type NativeSelectProps } from "@mantine/core";
import classes from "./PolicySelect.module.css";
import type { Choice } from "./policies";

type Props = Omit<NativeSelectProps, "data" | "description"> & { choices: readonly Choice[] };

/** A choice of policies: what happens with the chosen one stands at it, and with each other one behind it. */
export function PolicySelect({ choices, ...input }: Props) {
  const chosen = choices.find((one) => one.value === input.value);
  return (
    <div>
      <NativeSelect
        data={choices.map(({ value, label }) => ({ value, label }))}
        description={chosen?.means}
        inputWrapperOrder={["label", "input", "description", "error"]}
        {...input}
      />
      <details className={classes.others}>
        <summary>What the others do</summary>
        <dl>
          {choices
            .filter((one) => one !== chosen)
            .map(({ value, label, means }) => (
              <div key={value}>
                <dt>{label}</dt>
                <dd>{means}</dd>
              </div>
            ))}
        </dl>
      </details>
    </div>
  );
}
