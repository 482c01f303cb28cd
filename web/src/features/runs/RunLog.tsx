import { Button } from "@mantine/core";
import { Empty, Failed, Loading, NoMatch } from "@/components/ListStates";
import { hides, type RunFilters } from "./filters";
import classes from "./RunLog.module.css";
import { type OneTask, RunTable } from "./RunTable";
import { useLoadedRuns } from "./useLoadedRuns";

type Props = {
  filters: RunFilters;
  isFollowing: boolean;
  openRun?: string;
  ofTask?: OneTask;
  onClear?: () => void;
};

/** The rows of the log and what stands in their place. Give it a key of its filters. */
export function RunLog({ filters, isFollowing, openRun, ofTask, onClear }: Props) {
  const log = useLoadedRuns(filters, isFollowing);
  if (log.error) return <Failed title="The log can't be shown" error={log.error} onRetry={log.retry} />;
  if (log.isPending) return <Loading label="Loading runs" rows={8} />;
  if (log.runs.length === 0 && hides(filters) && onClear)
    return <NoMatch title="No run matches" onClear={onClear} />;
  if (log.runs.length === 0) {
    return (
      <Empty title="No runs yet">
        {ofTask ? "Its runs show here" : "Runs show here"} as they happen, each with its times, result or
        error.
      </Empty>
    );
  }
  return (
    <>
      {log.waiting > 0 && (
        <div className={classes.waiting} role="status">
          <Button
            size="xs"
            radius="xl"
            onClick={() => {
              log.showNew();
              window.scrollTo({ top: 0 });
            }}
          >
            {newRuns(log.waiting, log.isMoreWaiting)}
          </Button>
        </div>
      )}
      <RunTable runs={log.runs} filters={filters} openRun={openRun} ofTask={ofTask} />
      {log.hasOlder && (
        <div className={classes.older}>
          <Button variant="default" loading={log.isLoadingOlder} onClick={() => void log.loadOlder()}>
            Load older runs
          </Button>
        </div>
      )}
    </>
  );
}

function newRuns(count: number, isMore: boolean): string {
  if (isMore) return `${count}+ new runs`;
  return count === 1 ? "1 new run" : `${count} new runs`;
}
