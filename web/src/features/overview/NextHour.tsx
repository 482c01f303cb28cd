import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Card } from "@/components/Card";
import { HeatStrip } from "@/components/HeatStrip";
import { Failed, Loading } from "@/components/ListStates";
import { counted, tasksOf } from "@/lib/changeSets/changeSet";
import classes from "./OverviewPage.module.css";
import { nextHourQuery } from "./queries";

const runsOf = (n: number) => `${counted(n)} ${n === 1 ? "run" : "runs"}`;

/** What comes within the hour, minute by minute. */
export function NextHour() {
  const { data, error, isPending, refetch } = useQuery(nextHourQuery);
  return (
    <Card
      title="The next hour"
      about={data && `${runsOf(data.runs)} of ${tasksOf(data.tasks)}, by minute`}
      action={<Link to="/upcoming">Upcoming</Link>}
    >
      {isPending && <Loading label="Loading what comes" rows={1} />}
      {!data && error && (
        <Failed title="What comes can't be shown" error={error} onRetry={() => void refetch()} />
      )}
      {data && data.runs === 0 && <p className={classes.calm}>Nothing is due within the hour.</p>}
      {data && data.runs > 0 && <HeatStrip buckets={data.buckets} label="Runs in the next hour" />}
    </Card>
  );
}
