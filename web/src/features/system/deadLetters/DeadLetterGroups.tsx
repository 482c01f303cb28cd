import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { Icon } from "@/components/Icon";
import { Empty, Failed, Loading } from "@/components/ListStates";
import { RelativeTime } from "@/components/RelativeTime";
import type { DeadLetterGroup } from "@/lib/deadLetter";
import classes from "./DeadLetters.module.css";
import type { LetterFilters } from "./filters";
import { groupsQuery } from "./queries";
import { RedriveManyDialog } from "./RedriveManyDialog";
import { redriveAll } from "./redrive";

/** Dead letters by what they have in common: one wrong setting is one entry here. */
export function DeadLetterGroups() {
  const { data, error, isPending, refetch } = useQuery(groupsQuery);
  const [chosen, choose] = useState<DeadLetterGroup | null>(null);
  if (isPending) return <Loading label="Loading dead letters" />;
  if (!data) {
    return <Failed title="The dead letters can't be shown" error={error} onRetry={() => void refetch()} />;
  }
  if (data.items.length === 0) {
    return (
      <Empty title="No dead letters">
        What no service can use comes here, with where it came from and why: an event that is no JSON, a run
        whose attempts all failed.
      </Empty>
    );
  }
  return (
    <>
      <ul className={classes.list} aria-label="Causes">
        {data.items.map((group) => (
          <Group
            key={`${group.service} ${group.topic} ${group.cause}`}
            group={group}
            onRedrive={() => choose(group)}
          />
        ))}
      </ul>
      <p className={classes.looked}>
        {data.complete
          ? `${data.looked_at.toLocaleString("en-GB")} dead letters in all.`
          : `Of the newest ${data.looked_at.toLocaleString("en-GB")}; there are older ones.`}
      </p>
      {chosen && (
        <RedriveManyDialog
          count={chosen.count}
          redrive={(tell, signal) => redriveAll(filtersOf(chosen), tell, signal)}
          onClose={() => choose(null)}
        />
      )}
    </>
  );
}

function filtersOf({ service, topic, cause }: DeadLetterGroup): LetterFilters {
  return { service, topic, cause };
}

function Group({ group, onRedrive }: { group: DeadLetterGroup; onRedrive: () => void }) {
  const others = group.task_count - group.tasks.length;
  return (
    <li className={classes.item} aria-label={group.cause}>
      <div className={classes.head}>
        <div className={classes.reason}>
          <Link to="/system/dead-letters" search={filtersOf(group)} className={classes.cause} data-row-link>
            {group.cause || "(no reason)"}
          </Link>
        </div>
        <span className={classes.count}>
          {group.count.toLocaleString("en-GB")} {group.count === 1 ? "letter" : "letters"}
        </span>
        <Button
          variant="default"
          size="xs"
          leftSection={<Icon name="retry" size={14} />}
          disabled={group.redrivable === 0}
          onClick={onRedrive}
        >
          Redrive all…
        </Button>
      </div>
      <p className={classes.source}>
        <span>
          the last <RelativeTime at={group.last_at} />, the first <RelativeTime at={group.first_at} />
        </span>
        <span>
          by the {group.service}, from <span className="mono">{group.topic}</span>
        </span>
        {group.tasks.length > 0 && (
          <span>
            {group.tasks.map(({ id, count }, i) => (
              <span key={id}>
                {i > 0 && ", "}
                <Link to="/tasks/$taskId" params={{ taskId: id }} className="mono">
                  {id}
                </Link>
                {group.tasks.length > 1 && ` (${count.toLocaleString("en-GB")})`}
              </span>
            ))}
            {others > 0 && ` and ${others.toLocaleString("en-GB")} more tasks`}
          </span>
        )}
        {group.redrivable < group.count && (
          <span>{(group.count - group.redrivable).toLocaleString("en-GB")} can't be redriven</span>
        )}
      </p>
      <p className={`${classes.example} mono`} title={group.newest.reason}>
        {group.newest.reason}
      </p>
    </li>
  );
}
