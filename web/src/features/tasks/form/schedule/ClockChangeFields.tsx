import { inputAt } from "../fields";
import { PolicySelect } from "../policies/PolicySelect";
import { folds, gaps } from "../policies/policies";
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
        <PolicySelect label="A time that is skipped" choices={gaps} {...gap} />
        <PolicySelect label="A time that comes twice" choices={folds} {...fold} />
      </div>
    </details>
  );
}
