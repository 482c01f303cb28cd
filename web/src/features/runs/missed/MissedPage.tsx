import { NativeSelect } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ChipFilter } from "@/components/ChipFilter";
import { LeftOut } from "@/components/LeftOut";
import { Empty, Failed, Loading, NoMatch } from "@/components/ListStates";
import { Page } from "@/components/Page";
import { Pager } from "@/components/Pager";
import { Sentence } from "@/components/Sentence";
import table from "@/components/Table.module.css";
import type { Unknown } from "@/lib/address";
import { useInstants } from "@/lib/instant";
import { LogTabs } from "../LogTabs";
import { missedQuery } from "../queries";
import { type MissedFilters, REASONS, type Reason } from "./filters";
import classes from "./MissedPage.module.css";

type Props = {
  filters: MissedFilters;
  unknown: readonly Unknown[];
  onFilters: (filters: MissedFilters) => void;
};

/** Nominal times that did not run, though their task was there and not paused. */
export function MissedPage({ filters, unknown, onFilters }: Props) {
  const change = (part: MissedFilters) => onFilters({ ...filters, cursor: undefined, ...part });
  return (
    <Page title="Execution log">
      <LogTabs />
      <LeftOut unknown={unknown} onClear={() => onFilters(filters)} />
      <search className="filters" aria-label="Filter what was missed">
        <NativeSelect
          aria-label="Reason"
          value={filters.reason ?? ""}
          onChange={(e) => change({ reason: (e.currentTarget.value as Reason) || undefined })}
          data={[
            { value: "", label: "Any reason" },
            ...Object.entries(REASONS).map(([value, label]) => ({ value, label })),
          ]}
        />
        {filters.task_id && (
          <ChipFilter name="Task" value={filters.task_id} onClear={() => change({ task_id: undefined })} />
        )}
      </search>
      <div className="sheet">
        <MissedList filters={filters} onChange={change} onClear={() => onFilters({})} />
      </div>
    </Page>
  );
}

type ListProps = { filters: MissedFilters; onChange: (part: MissedFilters) => void; onClear: () => void };

function MissedList({ filters: { cursor, ...filters }, onChange, onClear }: ListProps) {
  const { data, error, isPending, isPlaceholderData, refetch } = useQuery(missedQuery(filters, cursor));
  const { exact, zone } = useInstants();
  if (isPending) return <Loading label="Loading what was missed" />;
  if (!data) {
    return <Failed title="What was missed can't be shown" error={error} onRetry={() => void refetch()} />;
  }
  if (data.items.length === 0 && !cursor) {
    return filters.task_id || filters.reason ? (
      <NoMatch title="Nothing that was missed matches" onClear={onClear} />
    ) : (
      <Empty title="Nothing was missed">
        A time that does not run though its task was there, and why, shows here: after an outage that was
        longer than its grace, for instance.
      </Empty>
    );
  }
  return (
    <div aria-busy={isPlaceholderData}>
      <table className={`${table.table} ${table.rows} ${classes.table}`}>
        <caption className="sr-only">What was missed, the newest first. Times are in {zone}.</caption>
        <thead>
          <tr>
            <th scope="col">Task</th>
            <th scope="col">From</th>
            <th scope="col">To</th>
            <th scope="col">Why</th>
          </tr>
        </thead>
        <tbody>
          {data.items.map((missed) => (
            <tr key={missed.id}>
              <th scope="row">
                <Link
                  to="/tasks/$taskId"
                  params={{ taskId: missed.task_id }}
                  className={classes.name}
                  data-row-link
                >
                  {missed.task_name || missed.task_id}
                </Link>
              </th>
              <td className="num">{exact(missed.from)}</td>
              <td className="num">
                {missed.to === missed.from ? <span className="dim">once</span> : exact(missed.to)}
              </td>
              <td className={classes.why}>
                <Sentence text={missed.text} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <Pager cursor={cursor} next={data.next_cursor} onCursor={(next) => onChange({ cursor: next })} />
    </div>
  );
}
