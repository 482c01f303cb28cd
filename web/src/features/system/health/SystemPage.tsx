import { useQuery } from "@tanstack/react-query";
import { Failed, Loading } from "@/components/ListStates";
import { Page } from "@/components/Page";
import { RelativeTime } from "@/components/RelativeTime";
import { systemQuery } from "@/lib/system";
import { SystemTabs } from "../SystemTabs";
import { Findings } from "./Findings";
import { Groups } from "./Groups";
import { Instances } from "./Instances";
import { Partitions } from "./Partitions";
import classes from "./SystemPage.module.css";

/** What is red and why, where each partition stands, how far each group is behind, and what runs where. */
export function SystemPage() {
  const { data, error, isPending, refetch } = useQuery(systemQuery);
  return (
    <Page
      title="System"
      below={
        data && (
          <p className="dim small">
            Looked at <RelativeTime at={data.checked_at} />
            {data.held_tasks !== null && `, ${data.held_tasks.toLocaleString("en-GB")} tasks are held`}
          </p>
        )
      }
    >
      <SystemTabs />
      {isPending && (
        <div className="sheet">
          <Loading label="Loading the state of the system" />
        </div>
      )}
      {!data && error && (
        <div className="sheet">
          <Failed title="The system can't be looked at" error={error} onRetry={() => void refetch()} />
        </div>
      )}
      {data && (
        <div className={classes.parts}>
          <Findings system={data} />
          <Partitions partitions={data.partitions} />
          <Groups groups={data.groups} />
          <Instances instances={data.instances} />
        </div>
      )}
    </Page>
  );
}
