import { clockTime, dayShort, zoneAt } from "@/lib/instant";
import type { Preview } from "@/lib/task";
import classes from "./TaskPage.module.css";

/** Coming times in the viewer's zone; where the schedule has another clock, that one's in its words. */
export function TimeList({ times, zone }: { times: Preview["next"]; zone?: string }) {
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
            {zone && (
              <span className="dim small">
                {local.slice(11, 19)} in {zone}
              </span>
            )}
          </span>
        </li>
      ))}
    </ol>
  );
}
