import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { Empty, Failed } from "@/components/ListStates";
import { Problem } from "@/lib/problem";

/** What stands in the place of a task that is not there, or can't be had. */
export function TaskUnavailable({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  if (!(error instanceof Problem && error.status === 404)) {
    return <Failed title="The task can't be shown" error={error} onRetry={onRetry} />;
  }
  const all = (
    <Button variant="default" renderRoot={(props) => <Link to="/tasks" {...props} />}>
      All tasks
    </Button>
  );
  return (
    <Empty title="There is no such task" action={all}>
      It may have been deleted, or its id may be another one. Runs that it had stay in the execution log.
    </Empty>
  );
}
