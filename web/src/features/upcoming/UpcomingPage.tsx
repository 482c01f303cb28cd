import { NumberInput, SegmentedControl } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Card } from "@/components/Card";
import { LeftOut } from "@/components/LeftOut";
import { Empty, Failed, Loading, NoMatch } from "@/components/ListStates";
import { Page } from "@/components/Page";
import { SearchField } from "@/components/SearchField";
import type { Unknown } from "@/lib/address";
import { DEFAULT_CAPACITY, DEFAULT_SPAN, SPANS, type Span, type UpcomingFilters } from "./filters";
import { HeatMap } from "./HeatMap";
import { Peak } from "./Peak";
import { forecastQuery } from "./queries";
import { Spread } from "./Spread";
import classes from "./UpcomingPage.module.css";

type Props = {
  filters: UpcomingFilters;
  unknown: readonly Unknown[];
  onFilters: (filters: UpcomingFilters) => void;
};

const spans = Object.entries(SPANS).map(([value, { word }]) => ({ value, label: word }));

/** What comes: where it is too much at once, what makes it so, and what flattens it. */
export function UpcomingPage({ filters, unknown, onFilters }: Props) {
  const { data, error, isPending, isPlaceholderData, refetch } = useQuery(forecastQuery(filters));
  const change = (part: UpcomingFilters) => onFilters({ ...filters, ...part });
  const capacity = Number(filters.capacity ?? DEFAULT_CAPACITY);
  const isFiltered = Boolean(filters.q || filters.tag || filters.handler);
  return (
    <Page title="Upcoming">
      <LeftOut unknown={unknown} onClear={() => onFilters(filters)} />
      <div className="filters">
        <SearchField
          label="Search tasks"
          placeholder="Words of name, id or tags"
          value={filters.q}
          onChange={(q) => change({ q })}
        />
        <SegmentedControl
          aria-label="How far ahead"
          data={spans}
          value={filters.span ?? DEFAULT_SPAN}
          onChange={(span) => change({ span: span as Span })}
        />
        <NumberInput
          aria-label="Capacity: runs a second"
          className={classes.capacity}
          min={1}
          max={9_999_999}
          allowDecimal={false}
          allowNegative={false}
          thousandSeparator=","
          suffix=" runs/s are fine"
          value={capacity}
          onValueChange={({ floatValue }, { source }) => {
            if (source === "event" && floatValue) change({ capacity: String(floatValue) });
          }}
        />
      </div>
      {isPending && (
        <div className="sheet">
          <Loading label="Loading what comes" />
        </div>
      )}
      {!data && error && (
        <div className="sheet">
          <Failed title="What comes can't be shown" error={error} onRetry={() => void refetch()} />
        </div>
      )}
      {data && data.runs === 0 && (
        <div className="sheet">
          {isFiltered ? (
            <NoMatch title="Nothing that matches is due" onClear={() => onFilters({ span: filters.span })} />
          ) : (
            <Empty title="Nothing is due">
              No active task has a time within this {SPANS[filters.span ?? DEFAULT_SPAN].word.toLowerCase()}.
            </Empty>
          )}
        </div>
      )}
      {data && data.runs > 0 && (
        <div className={classes.parts} aria-busy={isPlaceholderData}>
          <Card
            title="When"
            about={`${data.runs.toLocaleString("en-GB")} runs of ${data.tasks.toLocaleString("en-GB")} tasks`}
          >
            <HeatMap forecast={data} span={filters.span ?? DEFAULT_SPAN} capacity={capacity} />
            {data.notes.map((note) => (
              <p key={note} className="dim small">
                {note}
              </p>
            ))}
          </Card>
          <div className={classes.pair}>
            {data.peak && <Peak peak={data.peak} bucket={data.bucket} />}
            {data.spread && <Spread spread={data.spread} filters={filters} />}
          </div>
        </div>
      )}
    </Page>
  );
}
