import { Card } from "@/components/Card";
import { spoken } from "@/lib/duration";
import { useInstants } from "@/lib/instant";
import type { Forecast } from "@/lib/stats";
import classes from "./UpcomingPage.module.css";

type Props = { peak: NonNullable<Forecast["peak"]>; bucket: string };

/** When most comes, and by which schedules. */
export function Peak({ peak, bucket }: Props) {
  const { exact } = useInstants();
  return (
    <Card title="The hottest moment" about={`of ${spoken(bucket)}`}>
      <p className={classes.text}>
        <strong className="num">{peak.runs.toLocaleString("en-GB")} runs</strong> at{" "}
        <time dateTime={peak.at}>{exact(peak.at)}</time>
      </p>
      <ul className={classes.groups} aria-label="What makes it">
        {peak.made_by.map(({ schedule, tasks, runs }) => (
          <li key={schedule}>
            <span>{schedule}</span>
            <span className="dim">
              {runs.toLocaleString("en-GB")} runs of {tasks.toLocaleString("en-GB")}{" "}
              {tasks === 1 ? "task" : "tasks"}
            </span>
          </li>
        ))}
      </ul>
    </Card>
  );
}
