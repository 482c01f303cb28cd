import { useInstants } from "@/lib/instant";
import type { RunState } from "@/lib/run";
import { runStateWord } from "./RunStateMark";
import classes from "./RunStrip.module.css";

type Shown = { id: string; state: RunState; nominal_at: string; error: { message: string } | null };

/** How the last runs of a task went, the newest on the right. Failures are taller, so that colour is not needed. */
export function RunStrip({ runs, zone }: { runs: readonly Shown[] | undefined; zone?: string | null }) {
  const { exact } = useInstants(zone);
  if (!runs || runs.length === 0) return <span className={classes.strip} aria-hidden="true" />;
  const failed = runs.filter(({ state }) => state === "failed").length;
  return (
    <span className={classes.strip}>
      {[...runs].reverse().map((run) => (
        <i
          key={run.id}
          data-state={run.state}
          aria-hidden="true"
          title={`${runStateWord(run.state)}, ${exact(run.nominal_at)}${run.error ? `: ${run.error.message}` : ""}`}
        />
      ))}
      <span className="sr-only">
        Of the last {runs.length} runs {failed} failed.
      </span>
    </span>
  );
}
