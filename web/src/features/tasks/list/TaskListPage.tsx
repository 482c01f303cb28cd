import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Guarded } from "@/components/Guarded";
import { Icon } from "@/components/Icon";
import { LeftOut } from "@/components/LeftOut";
import { Empty, Failed, Loading, NoMatch } from "@/components/ListStates";
import { Page } from "@/components/Page";
import { Pager } from "@/components/Pager";
import type { Unknown } from "@/lib/address";
import { hides, type TaskFilters, unfiltered } from "./filters";
import { tasksQuery } from "./queries";
import { TaskFilterBar } from "./TaskFilterBar";
import { TaskTable } from "./TaskTable";

type Props = {
  filters: TaskFilters;
  unknown: readonly Unknown[];
  onFilters: (filters: TaskFilters) => void;
};

export function TaskListPage({ filters, unknown, onFilters }: Props) {
  // Another filter or order begins at the first page: a cursor belongs to the list that it came from.
  const change = (part: TaskFilters) => onFilters({ ...filters, cursor: undefined, ...part });
  return (
    <Page title="Tasks" actions={<NewTask />}>
      <LeftOut unknown={unknown} onClear={() => onFilters(filters)} />
      <TaskFilterBar filters={filters} onChange={change} />
      <div className="sheet">
        <TaskList filters={filters} onChange={change} onClear={() => onFilters(unfiltered(filters))} />
      </div>
    </Page>
  );
}

type ListProps = {
  filters: TaskFilters;
  onChange: (part: TaskFilters) => void;
  onClear: () => void;
};

function TaskList({ filters, onChange, onClear }: ListProps) {
  const { data, error, isPending, isPlaceholderData, refetch } = useQuery(tasksQuery(filters));
  if (isPending) return <Loading label="Loading tasks" />;
  if (!data) return <Failed title="The tasks can't be shown" error={error} onRetry={() => void refetch()} />;
  if (data.items.length === 0 && hides(filters)) {
    return <NoMatch title="No task matches" onClear={onClear} />;
  }
  if (data.items.length === 0 && !filters.cursor) {
    return (
      <Empty title="No tasks yet" action={<NewTask />}>
        A task says what to do and when: once, by a cron expression, every so often, or only when it is
        triggered. Tasker runs it within ten seconds of its time and writes down what became of it.
      </Empty>
    );
  }
  return (
    <div aria-busy={isPlaceholderData}>
      <TaskTable
        tasks={data.items}
        sort={filters.sort ?? "name"}
        onSort={(sort) => onChange({ sort })}
        onTag={(tag) => onChange({ tag: [...new Set([...(filters.tag ?? []), tag])] })}
      />
      <Pager cursor={filters.cursor} next={data.next_cursor} onCursor={(cursor) => onChange({ cursor })} />
    </div>
  );
}

function NewTask() {
  return (
    <Guarded needs="operator">
      {(isOff) => (
        <Button
          leftSection={<Icon name="plus" />}
          disabled={isOff}
          renderRoot={isOff ? undefined : (props) => <Link to="/tasks/new" {...props} role="button" />}
        >
          New task
        </Button>
      )}
    </Guarded>
  );
}
