import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Card } from "@/components/Card";
import { Failed, Loading } from "@/components/ListStates";
import { Sentence } from "@/components/Sentence";
import { useInstants } from "@/lib/instant";
import { useNow } from "@/lib/now";
import classes from "./OverviewPage.module.css";
import { missedQuery } from "./queries";

/** What did not run within the last day. */
export function MissedTimes() {
  const { data, error, isPending, refetch } = useQuery(missedQuery);
  const { compact, zoneAt } = useInstants();
  const now = useNow();
  const items = data?.items ?? [];
  return (
    <Card
      title="Missed"
      about="in the last 24 hours"
      action={items.length > 0 && <Link to="/missed">All that was missed</Link>}
    >
      {isPending && <Loading label="Loading what was missed" rows={2} />}
      {!data && error && (
        <Failed title="What was missed can't be shown" error={error} onRetry={() => void refetch()} />
      )}
      {data && items.length === 0 && <p className={classes.calm}>Nothing was missed.</p>}
      {items.length > 0 && (
        <ul className={classes.list} aria-label="Missed times">
          {items.map((missed) => (
            <li key={missed.id}>
              <Link
                to="/tasks/$taskId"
                params={{ taskId: missed.task_id }}
                className={classes.name}
                data-row-link
              >
                {missed.task_name || missed.task_id}
              </Link>
              <span className="num dim">
                {compact(missed.to, now)} {zoneAt(missed.to)}
              </span>
              <span className={classes.why} title={missed.text}>
                <Sentence text={missed.text} />
              </span>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
