import { SegmentedControl } from "@mantine/core";
import { LeftOut } from "@/components/LeftOut";
import { Page } from "@/components/Page";
import type { Unknown } from "@/lib/address";
import { FailingTasks } from "./FailingTasks";
import { Figures } from "./Figures";
import { LateTasks } from "./LateTasks";
import { MissedTimes } from "./MissedTimes";
import { NextHour } from "./NextHour";
import { Outcomes } from "./Outcomes";
import classes from "./OverviewPage.module.css";
import { PromiseCharts } from "./PromiseCharts";
import type { Range } from "./queries";

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
        <FailingTasks />
        <div className={classes.column}>
          <Outcomes range={range} />
          <LateTasks />
          <MissedTimes />
        </div>
      </div>
      <PromiseCharts range={range} />
      <NextHour />
    </Page>
  );
}
