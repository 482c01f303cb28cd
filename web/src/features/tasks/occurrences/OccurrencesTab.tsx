import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Empty, Failed, Loading, NoMatch } from "@/components/ListStates";
import { Pager } from "@/components/Pager";
import { useInstants } from "@/lib/instant";
import type { OccurrenceList } from "@/lib/occurrence";
import { Problem } from "@/lib/problem";
import { OccurrenceFilterBar } from "./OccurrenceFilterBar";
import { OccurrenceItem } from "./OccurrenceItem";
import classes from "./Occurrences.module.css";
import { type OccurrenceFilters, occurrencesQuery, WINDOW_MS } from "./queries";

type Props = {
  taskId: string;
  zone?: string | null;
  isThere: boolean;
  filters: OccurrenceFilters;
  onFilters: (filters: OccurrenceFilters) => void;
};

/** Each past and coming nominal time of a task, and why one did not run. */
export function OccurrencesTab({ taskId, zone, isThere, filters, onFilters }: Props) {
  const { zone: shownZone } = useInstants(zone);
  const change = (part: OccurrenceFilters) => onFilters({ ...filters, cursor: undefined, ...part });
  return (
    <>
      <OccurrenceFilterBar filters={filters} zone={zone} onChange={change} />
      <p className="dim small">
        {filters.order === "asc" ? "The next one first" : "The newest first"}. Times are in {shownZone}.
      </p>
      <div className="sheet">
        <Occurrences {...{ taskId, zone, isThere, filters }} onChange={change} />
      </div>
    </>
  );
}

type ListProps = Omit<Props, "onFilters"> & { onChange: (part: OccurrenceFilters) => void };

function Occurrences({ taskId, zone, isThere, filters, onChange }: ListProps) {
  const query = useQuery(occurrencesQuery(taskId, filters));
  const { data, error, isPending, isPlaceholderData, dataUpdatedAt, refetch } = query;
  if (isPending) return <Loading label="Loading the occurrences" />;
  if (!data && error instanceof Problem && error.status === 404) {
    return <Empty title="No occurrence is known">{error.message}</Empty>;
  }
  if (!data) {
    return <Failed title="The occurrences can't be shown" error={error} onRetry={() => void refetch()} />;
  }
  const isEmpty = data.items.length === 0 && !filters.cursor && !data.next_cursor;
  return (
    <div aria-busy={isPlaceholderData}>
      {isEmpty && <Nothing filters={filters} onClear={() => onChange({ status: undefined })} />}
      {data.items.length === 0 && data.next_cursor && (
        <p className={classes.foot}>None on this page; more may follow on the next one.</p>
      )}
      <ol className={classes.list} aria-label="Occurrences">
        {data.items.map((one) => (
          <OccurrenceItem key={one.nominal_at} occurrence={one} {...{ taskId, zone, isThere }} />
        ))}
      </ol>
      {!data.next_cursor && <Further {...{ data, filters, zone, onChange }} readAt={dataUpdatedAt} />}
      <Pager cursor={filters.cursor} next={data.next_cursor} onCursor={(cursor) => onChange({ cursor })} />
    </div>
  );
}

function Nothing({ filters, onClear }: { filters: OccurrenceFilters; onClear: () => void }) {
  if (filters.status?.length) return <NoMatch title="No occurrence matches" onClear={onClear} />;
  return (
    <Empty title={filters.order === "asc" ? "None is coming" : "There is none yet"}>
      {filters.order === "asc"
        ? "The schedule has no time within 31 days of the instant that is looked from."
        : "The schedule had no time within 31 days before the instant that is looked back from."}
    </Empty>
  );
}

type FurtherProps = {
  data: OccurrenceList;
  filters: OccurrenceFilters;
  zone?: string | null;
  readAt: number;
  onChange: (part: OccurrenceFilters) => void;
};

/** Where an answer ends: the way on, or where the knowledge ends, and why. */
function Further({ data, filters: { order, at }, zone, readAt, onChange }: FurtherProps) {
  const { exact } = useInstants(zone);
  const from = at ? Date.parse(at) : readAt;
  const edge = order === "asc" ? from + WINDOW_MS : from - WINDOW_MS;
  const isKnown = order === "asc" || edge > Date.parse(data.known_from);
  return (
    <div className={classes.foot}>
      {isKnown ? (
        <Button variant="default" onClick={() => onChange({ at: new Date(edge).toISOString() })}>
          {order === "asc" ? "Look further ahead" : "Look further back"}
        </Button>
      ) : (
        <p>
          What was due before <time dateTime={data.known_from}>{exact(data.known_from)}</time> may not be
          known any more:{" "}
          {data.known_because === "not_kept"
            ? "the log keeps runs no longer than that."
            : "the known history of the task begins there."}
        </p>
      )}
    </div>
  );
}
