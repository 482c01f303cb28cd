import { useInstants } from "@/lib/instant";
import type { Preview } from "@/lib/task";
import classes from "./TimeList.module.css";

/** Coming times by the chosen clock; where the schedule has another one, by that, too, in the server's words. */
export function TimeList({ times, taskZone }: { times: Preview["next"]; taskZone?: string | null }) {
  const { zone, clockTime, dayShort, zoneAt } = useInstants(taskZone);
  return (
    <ol className={classes.times}>
      {times.map(({ at, local, by }) => (
        <li key={at}>
          <span>
            {dayShort(at)}
            {by && <span className="dim small"> by {by.map((index) => index + 1).join(" and ")}</span>}
          </span>
          <span className={classes.clocks}>
            <time dateTime={at}>
              {clockTime(at)} <span className="dim">{zoneAt(at)}</span>
            </time>
            {taskZone && taskZone !== zone && (
              <span className="dim small">
                {local.slice(11, 19)} in {taskZone}
              </span>
            )}
          </span>
        </li>
      ))}
    </ol>
  );
}
