import { SegmentedControl } from "@mantine/core";
import { LeftOut } from "@/components/LeftOut";
import { Page } from "@/components/Page";
import type { Unknown } from "@/lib/address";
import { FailingTasks } from "./FailingTasks";
import { Figures } from "./Figures";
import { Lateness } from "./Lateness";
import { LateTasks } from "./LateTasks";
import { MissedTimes } from "./MissedTimes";
import { NextHour } from "./NextHour";
import { Outcomes } from "./Outcomes";
import classes from "./OverviewPage.module.css";
import type { Range } from "./queries";
import { StageTimes } from "./StageTimes";

type Props = { range: Range; unknown: readonly Unknown[]; onRange: (range: Range) => void };

const ranges: { value: Range; label: string }[] = [
  { value: "1h", label: "1 hour" },
  { value: "24h", label: "24 hours" },
  { value: "7d", label: "7 days" },
];

/** What an operator wants to know first: what fails, what is late, whether the promise is kept, and what comes. */
export function OverviewPage({ range, unknown, onRange }: Props) {
  return (
    <Page
      title="Overview"
      actions={
        <SegmentedControl
          aria-label="How far back"
          data={ranges}
          value={range}
          onChange={(value) => onRange(value as Range)}
        />
      }
    >
      <LeftOut unknown={unknown} onClear={() => onRange(range)} />
      <Figures range={range} />
      <div className={classes.pair}>
        <div className={classes.column}>
          <FailingTasks />
          <LateTasks />
          <MissedTimes />
        </div>
        <div className={classes.column}>
          <Outcomes range={range} />
          <Lateness range={range} />
        </div>
      </div>
      <div className={classes.column}>
        <NextHour />
        <StageTimes range={range} />
      </div>
    </Page>
  );
}
