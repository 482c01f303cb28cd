import { inWords } from "@/lib/duration";
import { useInstants } from "@/lib/instant";
import type { Run } from "@/lib/run";
import classes from "./Stages.module.css";
import { stages } from "./stages";

/** From the nominal time to the log line: when each stage was reached, how long it took, and where the time went. */
export function Stages({ run, zone: taskZone }: { run: Run; zone?: string | null }) {
  const { zone, clockTimeMs, exact } = useInstants(taskZone);
  return (
    <table className={classes.stages}>
      <caption className="sr-only">Stages. Times are in {zone}.</caption>
      <thead className="sr-only">
        <tr>
          <th scope="col">Stage</th>
          <th scope="col">Time</th>
          <th scope="col">Since the one before</th>
        </tr>
      </thead>
      <tbody>
        {stages(run).map((stage) => (
          <tr key={stage.name}>
            <th scope="row" title={stage.meaning}>
              {stage.name}
            </th>
            <td className={classes.at}>
              <time dateTime={stage.at} title={exact(stage.at)}>
                {clockTimeMs(stage.at)}
              </time>
            </td>
            <td className={classes.since}>
              {stage.since !== null && (stage.since < 0 ? inWords(stage.since) : `+${inWords(stage.since)}`)}
            </td>
            <td className={classes.track} aria-hidden="true">
              <i style={{ left: `${stage.from * 100}%`, width: `${(stage.to - stage.from) * 100}%` }} />
              <b
                style={{
                  left: `${(stage.since !== null && stage.since < 0 ? stage.from : stage.to) * 100}%`,
                }}
              />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
