import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { Card } from "@/components/Card";
import type { Forecast } from "@/lib/stats";
import type { UpcomingFilters } from "./filters";
import classes from "./UpcomingPage.module.css";

type Props = { spread: NonNullable<Forecast["spread"]>; filters: UpcomingFilters };

/** What flattens the peak: a window by which the tasks that make it are delayed, each by its own share. */
export function Spread({ spread, filters: { q, tag, handler } }: Props) {
  const chosen = Object.fromEntries(
    Object.entries({ q, tag, handler }).filter(([, value]) => value !== undefined),
  );
  return (
    <Card
      title="What flattens it"
      action={
        <Button
          size="xs"
          variant="default"
          renderRoot={(props) => (
            <Link
              to="/tasks"
              search={{ ...chosen, state: "active", bulk: `spread:${spread.spread}` }}
              {...props}
            />
          )}
        >
          Spread tasks…
        </Button>
      }
    >
      <p className={classes.text}>{spread.text}</p>
      <ul className={classes.groups} aria-label="Which tasks">
        {spread.schedules.map(({ schedule, tasks }) => (
          <li key={schedule}>
            <span>{schedule}</span>
            <span className="dim">
              {tasks.toLocaleString("en-GB")} {tasks === 1 ? "task" : "tasks"}
            </span>
          </li>
        ))}
      </ul>
    </Card>
  );
}
