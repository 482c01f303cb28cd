import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { LeftOut } from "@/components/LeftOut";
import { Empty, Failed, Loading } from "@/components/ListStates";
import { Page } from "@/components/Page";
import { Pager } from "@/components/Pager";
import type { Unknown } from "@/lib/address";
import { ChangeSetTable } from "./ChangeSetTable";
import type { ChangeSetFilters } from "./filters";
import { changeSetsQuery } from "./queries";

type Props = {
  /** The way to the other pages of the system. */
  tabs: ReactNode;
  filters: ChangeSetFilters;
  unknown: readonly Unknown[];
  onFilters: (filters: ChangeSetFilters) => void;
};

/** Who did what to how many tasks. */
export function ChangeSetsPage({ tabs, filters, unknown, onFilters }: Props) {
  const { data, error, isPending, isPlaceholderData, refetch } = useQuery(changeSetsQuery(filters.cursor));
  return (
    <Page title="System">
      {tabs}
      <LeftOut unknown={unknown} onClear={() => onFilters(filters)} />
      <div className="sheet" aria-busy={isPlaceholderData}>
        {isPending && <Loading label="Loading changes of many tasks" />}
        {!data && error && (
          <Failed title="The changes can't be shown" error={error} onRetry={() => void refetch()} />
        )}
        {data?.items.length === 0 && !filters.cursor && (
          <Empty title="Nothing was done to many tasks yet">
            What is done to selected tasks of the list, imports of files and what takes them back show here:
            who did it, what became of each task, and the way to undo it.
          </Empty>
        )}
        {data && (data.items.length > 0 || filters.cursor) && (
          <>
            <ChangeSetTable sets={data.items} />
            <Pager
              cursor={filters.cursor}
              next={data.next_cursor}
              onCursor={(cursor) => onFilters({ cursor })}
            />
          </>
        )}
      </div>
    </Page>
  );
}
