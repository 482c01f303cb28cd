import { NativeSelect } from "@mantine/core";
import { inputAt } from "../fields";
import classes from "./ScheduleFields.module.css";
import type { SinglePlace } from "./SingleFields";

/** What becomes of local times that clocks skip or show twice. */
export function ClockChangeFields({ fields, path, single }: SinglePlace) {
  const gap = inputAt(fields, `${path}.gap`);
  const fold = inputAt(fields, `${path}.fold`);
  const isUsual = single.gap === "shift" && single.fold === "first";
  return (
    <details className={classes.more} open={!isUsual || Boolean(gap.error || fold.error)}>
      <summary>When clocks change</summary>
      <div className={classes.pair}>
        <NativeSelect
          label="A time that is skipped"
          data={[
            { value: "shift", label: "runs right after the gap" },
            { value: "skip", label: "does not run" },
          ]}
          {...gap}
        />
        <NativeSelect
          label="A time that comes twice"
          data={[
            { value: "first", label: "runs the first time" },
            { value: "last", label: "runs the second time" },
            { value: "both", label: "runs both times" },
          ]}
          {...fold}
        />
      </div>
    </details>
  );
}
