import { SegmentedControl } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Card } from "@/components/Card";
import { Icon, type IconName } from "@/components/Icon";
import { Empty, Failed, Loading, NoMatch } from "@/components/ListStates";
import { Pager } from "@/components/Pager";
import marks from "@/components/StateMark.module.css";
import table from "@/components/Table.module.css";
import type { ChangeSetItem, Verdict } from "@/lib/changeSets/changeSet";
import { itemsQuery } from "@/lib/changeSets/queries";
import classes from "./ChangeSets.module.css";
import type { ItemFilters } from "./filters";
import { ITEMS_PAGE } from "./queries";

const states: Record<ChangeSetItem["state"], { icon: IconName; tone: string; word: string }> = {
  changed: { icon: "check", tone: "ok", word: "Changed" },
  rejected: { icon: "cross", tone: "bad", word: "Rejected" },
  changed_meanwhile: { icon: "warn", tone: "warn", word: "Changed by somebody else" },
  superseded: { icon: "skip", tone: "quiet", word: "Done before" },
  waiting: { icon: "clock", tone: "run", word: "Waiting" },
};

type Props = { id: string; filters: ItemFilters; onFilters: (filters: ItemFilters) => void };

/** What became of each task. */
export function ChangeSetItems({ id, filters: { verdict, cursor }, onFilters }: Props) {
  const { data, error, isPending, isPlaceholderData, refetch } = useQuery({
    ...itemsQuery(id, verdict, ITEMS_PAGE, cursor),
    placeholderData: keepPreviousData,
  });
  return (
    <Card
      title="What became of each task"
      action={
        <SegmentedControl
          aria-label="Which tasks"
          size="xs"
          data={[
            { value: "", label: "All" },
            { value: "accepted", label: "Accepted" },
            { value: "rejected", label: "Rejected" },
          ]}
          value={verdict ?? ""}
          onChange={(value) => onFilters({ verdict: (value as Verdict) || undefined })}
        />
      }
    >
      {isPending && <Loading label="Loading its tasks" rows={4} />}
      {!data && error && (
        <Failed title="Its tasks can't be shown" error={error} onRetry={() => void refetch()} />
      )}
      {data?.items.length === 0 && verdict && (
        <NoMatch title="No task matches" onClear={() => onFilters({})} />
      )}
      {data?.items.length === 0 && !verdict && !cursor && (
        <Empty title="Nothing was answered yet, or nothing was asked">
          Tasks that were as wanted already, or left out, got no event. What was answered is kept as long as
          the journal.
        </Empty>
      )}
      {data && (data.items.length > 0 || cursor) && (
        <div aria-busy={isPlaceholderData}>
          <Items items={data.items} />
          <Pager
            cursor={cursor}
            next={data.next_cursor}
            onCursor={(next) => onFilters({ verdict, cursor: next })}
          />
        </div>
      )}
    </Card>
  );
}

function Items({ items }: { items: readonly ChangeSetItem[] }) {
  return (
    <table className={`${table.table} ${classes.items}`}>
      <caption className="sr-only">Tasks and what became of them</caption>
      <thead>
        <tr>
          <th scope="col">Task</th>
          <th scope="col">State</th>
          <th scope="col">What else</th>
        </tr>
      </thead>
      <tbody>
        {items.map((item) => {
          const { icon, tone, word } = states[item.state];
          return (
            <tr key={item.event_id}>
              <th scope="row">
                <Link to="/tasks/$taskId" params={{ taskId: item.task_id }} className="mono">
                  {item.task_id}
                </Link>
              </th>
              <td>
                <span className={marks.mark} data-tone={tone}>
                  <Icon name={icon} size={14} />
                  {word}
                </span>
              </td>
              <td>
                {item.errors.map(({ message }) => message).join("; ")}
                {item.run_id && (
                  <Link to="/runs/$runId" params={{ runId: item.run_id }}>
                    The run
                  </Link>
                )}
                {item.errors.length === 0 && !item.run_id && item.version !== null && (
                  <span className="dim">version {item.version}</span>
                )}
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
