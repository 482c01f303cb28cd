import { LeftOut } from "@/components/LeftOut";
import { Page } from "@/components/Page";
import type { Unknown } from "@/lib/address";
import type { RunFilters } from "./filters";
import { Histogram } from "./Histogram";
import { LogTabs } from "./LogTabs";
import { RunFilterBar } from "./RunFilterBar";
import { RunInspector } from "./RunInspector";
import { RunLog } from "./RunLog";
import classes from "./RunLogPage.module.css";
import { useFollowing } from "./useFollowing";
import { useReturnedFocus } from "./useReturnedFocus";

type Props = {
  filters: RunFilters;
  unknown: readonly Unknown[];
  onFilters: (filters: RunFilters) => void;
  /** The run that lies open beside the log. */
  openRun?: string;
  onClose: () => void;
};

/** The execution log, and beside it one run of it; on narrow screens the run takes the log's place. */
export function RunLogPage({ filters, unknown, onFilters, openRun, onClose }: Props) {
  const { isFollowing, isWanted, setWanted } = useFollowing();
  useReturnedFocus(openRun);
  return (
    <Page title="Execution log">
      <LogTabs />
      <LeftOut unknown={unknown} onClear={() => onFilters(filters)} />
      <div className={classes.split} data-open={openRun ? true : undefined}>
        <div className={classes.log}>
          <RunFilterBar
            filters={filters}
            onChange={(part) => onFilters({ ...filters, ...part })}
            isWanted={isWanted}
            onWanted={setWanted}
          />
          <Histogram
            filters={filters}
            onRange={(from, to) => onFilters({ ...filters, from, to, last: undefined })}
          />
          <div className={`sheet ${classes.sheet}`}>
            <RunLog
              key={JSON.stringify(filters)}
              filters={filters}
              isFollowing={isFollowing}
              openRun={openRun}
              onClear={() => onFilters({})}
            />
          </div>
        </div>
        {openRun && <RunInspector key={openRun} id={openRun} onClose={onClose} />}
      </div>
    </Page>
  );
}
