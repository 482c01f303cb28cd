import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Card } from "@/components/Card";
import { Failed, Loading } from "@/components/ListStates";
import type { Promised } from "@/lib/stats";
import { promiseQuery, type Range } from "./queries";

type Props = {
  range: Range;
  title: string;
  /** What stands beside the title; it may depend on what was read. */
  about: string | ((promise: Promised) => string);
  children: (promise: Promised) => ReactNode;
};

/** One view of how the promise was kept: all of them read the same, once. */
export function PromiseCard({ range, title, about, children }: Props) {
  const { data, error, isPending, refetch } = useQuery(promiseQuery(range));
  return (
    <Card title={title} about={typeof about === "string" ? about : data && about(data)}>
      {isPending && <Loading label={`Loading: ${title}`} rows={3} />}
      {!data && error && (
        <Failed title={`“${title}” can't be shown`} error={error} onRetry={() => void refetch()} />
      )}
      {data && children(data)}
    </Card>
  );
}
