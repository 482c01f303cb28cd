import { Link } from "@tanstack/react-router";
import { LeftOut } from "@/components/LeftOut";
import { OperatorButton } from "@/components/OperatorButton";
import { Page } from "@/components/Page";
import type { Unknown } from "@/lib/address";
import { FilesMenu } from "../files/FilesMenu";
import { type TaskFilters, unfiltered } from "./filters";
import { TaskFilterBar } from "./TaskFilterBar";
import { TaskList } from "./TaskList";

type Props = {
  filters: TaskFilters;
  unknown: readonly Unknown[];
  onFilters: (filters: TaskFilters) => void;
};

/** All tasks: found, ordered, and changed one by one or many at once. */
export function TaskListPage({ filters, unknown, onFilters }: Props) {
  // Another filter or order begins at the first page: a cursor belongs to the list that it came from.
  const change = (part: TaskFilters) => onFilters({ ...filters, cursor: undefined, ...part });
  return (
    <Page
      title="Tasks"
      actions={
        <>
          <FilesMenu filters={filters} />
          <NewTask />
        </>
      }
    >
      <LeftOut unknown={unknown} onClear={() => onFilters(filters)} />
      <TaskFilterBar filters={filters} onChange={change} />
      <TaskList
        filters={filters}
        newTask={<NewTask />}
        onChange={change}
        onClear={() => onFilters(unfiltered(filters))}
      />
    </Page>
  );
}

function NewTask() {
  return (
    <OperatorButton icon="plus" renderRoot={(props) => <Link to="/tasks/new" {...props} role="button" />}>
      New task
    </OperatorButton>
  );
}
