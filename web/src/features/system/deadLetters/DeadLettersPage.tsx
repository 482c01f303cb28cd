import { Button, SegmentedControl } from "@mantine/core";
import { useIsFetching, useQueryClient } from "@tanstack/react-query";
import { ChipFilter } from "@/components/ChipFilter";
import { Icon } from "@/components/Icon";
import { LeftOut } from "@/components/LeftOut";
import { Empty } from "@/components/ListStates";
import { Page } from "@/components/Page";
import { SearchField } from "@/components/SearchField";
import type { Unknown } from "@/lib/address";
import { useReasonAgainst } from "@/lib/session";
import { SystemTabs } from "../SystemTabs";
import { DeadLetterGroups } from "./DeadLetterGroups";
import { DeadLetterList } from "./DeadLetterList";
import { isEach, type LetterFilters } from "./filters";

type Props = {
  filters: LetterFilters;
  unknown: readonly Unknown[];
  onFilters: (filters: LetterFilters) => void;
};

/** What no service could use, and runs that failed for good: by cause, or one by one, and once more. */
export function DeadLettersPage({ filters, unknown, onFilters }: Props) {
  const reason = useReasonAgainst("admin");
  const client = useQueryClient();
  const isFetching = useIsFetching({ queryKey: ["dead-letters"] }) > 0;
  const each = isEach(filters);
  const change = (part: LetterFilters) => onFilters({ ...filters, view: "each", ...part });
  const removable = (["cause", "service", "topic", "task_id"] as const).filter((name) => filters[name]);
  return (
    <Page
      title="System"
      actions={
        !reason && (
          <Button
            variant="default"
            leftSection={<Icon name="retry" />}
            loading={isFetching}
            onClick={() => void client.refetchQueries({ queryKey: ["dead-letters"] })}
          >
            Look again
          </Button>
        )
      }
    >
      <SystemTabs />
      <LeftOut unknown={unknown} onClear={() => onFilters(filters)} />
      {reason ? (
        <div className="sheet">
          <Empty title="Dead letters are for admins">
            {reason} They hold events, runs and results of anybody, as they were sent.
          </Empty>
        </div>
      ) : (
        <>
          <search className="filters" aria-label="Filter dead letters">
            <SearchField
              label="Search dead letters"
              placeholder="A part of the reason or the value"
              value={filters.q}
              onChange={(q) => change({ q })}
            />
            <SegmentedControl
              aria-label="How they are shown"
              data={[
                { value: "cause", label: "By cause" },
                { value: "each", label: "One by one" },
              ]}
              value={each ? "each" : "cause"}
              onChange={(view) => onFilters(view === "each" ? { view: "each" } : {})}
            />
            {removable.map((name) => (
              <ChipFilter
                key={name}
                name={name === "task_id" ? "task" : name}
                value={filters[name] ?? ""}
                onClear={() => change({ [name]: undefined })}
              />
            ))}
          </search>
          <div className="sheet">
            {each ? (
              <DeadLetterList
                key={JSON.stringify(filters)}
                filters={filters}
                onClear={() => onFilters({ view: "each" })}
              />
            ) : (
              <DeadLetterGroups />
            )}
          </div>
        </>
      )}
    </Page>
  );
}
