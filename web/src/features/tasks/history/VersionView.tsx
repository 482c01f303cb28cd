import { useQuery } from "@tanstack/react-query";
import { JsonView } from "@/components/JsonView";
import { Failed, Loading } from "@/components/ListStates";
import { versionQuery } from "./queries";

/** One version of a task, whole, as one would put it. */
export function VersionView({ taskId, version }: { taskId: string; version: number }) {
  const { data, error, refetch } = useQuery(versionQuery(taskId, version));
  if (!data && !error) return <Loading label="Loading the version" rows={3} />;
  if (!data) {
    return <Failed title="The version can't be shown" error={error} onRetry={() => void refetch()} />;
  }
  if (data.task === null) return <p className="dim">With this version the task ended: it defines nothing.</p>;
  return <JsonView value={data.task} label={`Version ${version}, whole`} />;
}
