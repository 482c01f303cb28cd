import type { Schedule } from "@/lib/task";
import { hashes } from "./hashes";
import classes from "./TimeList.module.css";

/** What each `H` of a schedule stands for, for this task. */
export function ResolvedHashes({ schedule, resolved }: { schedule: Schedule; resolved?: Schedule | null }) {
  const found = resolved ? hashes(schedule, resolved) : [];
  if (found.length === 0) return null;
  return (
    <p className={classes.hashes}>
      {found.map(({ written, value }, i) => (
        <span key={`${written} ${value}`}>
          {i > 0 && ", "}
          <span className="mono">{written}</span> is <span className="mono">{value}</span>
        </span>
      ))}{" "}
      for this task
    </p>
  );
}
