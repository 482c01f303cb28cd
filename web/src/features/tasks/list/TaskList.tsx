import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useCallback } from "react";
import { Empty, Failed, Loading, NoMatch } from "@/components/ListStates";
import { Pager } from "@/components/Pager";
import { BulkActions } from "../bulk/BulkActions";
import { useSelection } from "../bulk/useSelection";
import { tasksQuery } from "../queries";
import { hides, type TaskFilters } from "./filters";
import { TaskTable } from "./TaskTable";

type Props = {
  filters: TaskFilters;
  newTask: ReactNode;
  onChange: (part: TaskFilters) => void;
  onClear: () => void;
};

const noTasks: never[] = [];

/** The tasks that pass the filters, a page of them, and what is chosen of it. */
export function TaskList({ filters, newTask, onChange, onClear }: Props) {
  const query = tasksQuery(filters);
  const { data, error, isPending, isPlaceholderData, dataUpdatedAt, refetch } = useQuery(query);
  const selection = useSelection(data?.items ?? noTasks, JSON.stringify(query.queryKey));
  const { tag = noTasks } = filters;
  const addTag = useCallback(
    (one: string) => onChange({ tag: [...new Set([...tag, one])] }),
    [tag, onChange],
  );
  const isFirst = !filters.cursor;
  return (
    <>
      <div className="sheet">
        {isPending && <Loading label="Loading tasks" />}
        {!isPending && !data && (
          <Failed title="The tasks can't be shown" error={error} onRetry={() => void refetch()} />
        )}
        {data?.items.length === 0 && hides(filters) && <NoMatch title="No task matches" onClear={onClear} />}
        {data?.items.length === 0 && !hides(filters) && isFirst && (
          <Empty title="No tasks yet" action={newTask}>
            A task says what to do and when: once, by a cron expression, every so often, or only when it is
            triggered. Tasker runs it within ten seconds of its time and writes down what became of it.
          </Empty>
        )}
        {data && (data.items.length > 0 || !(hides(filters) || isFirst)) && (
          <div aria-busy={isPlaceholderData}>
            <TaskTable
              tasks={data.items}
              readAt={dataUpdatedAt}
              sort={filters.sort ?? "name"}
              selection={selection}
              onSort={(sort) => onChange({ sort })}
              onTag={addTag}
            />
            <Pager
              cursor={filters.cursor}
              next={data.next_cursor}
              onCursor={(cursor) => onChange({ cursor })}
            />
          </div>
        )}
      </div>
      <BulkActions
        filters={filters}
        selection={selection}
        hasMore={!isFirst || Boolean(data?.next_cursor)}
        onAnswered={() => onChange({ cursor: filters.cursor, bulk: undefined })}
      />
    </>
  );
}
