import { Button } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Icon } from "@/components/Icon";
import { Empty, Failed, Loading } from "@/components/ListStates";
import { Page } from "@/components/Page";
import { useReasonAgainst } from "@/lib/session";
import { DeadLetterItem } from "./DeadLetterItem";
import classes from "./DeadLetters.module.css";
import { deadLettersQuery } from "./queries";

/** What no service could use, and runs that failed for good: where from, why, what they look like, and once more. */
export function DeadLettersPage() {
  const reason = useReasonAgainst("admin");
  const { refetch, isFetching } = useInfiniteQuery({ ...deadLettersQuery, enabled: !reason });
  if (reason) {
    return (
      <Page title="Dead letters">
        <div className="sheet">
          <Empty title="Dead letters are for admins">
            {reason} They hold events, runs and results of anybody, as they were sent.
          </Empty>
        </div>
      </Page>
    );
  }
  return (
    <Page
      title="Dead letters"
      below={
        <p className={classes.about}>
          Events, runs and results that could not be used, as they were; kept for 30 days.
        </p>
      }
      actions={
        <Button
          variant="default"
          leftSection={<Icon name="retry" />}
          loading={isFetching}
          onClick={() => void refetch()}
        >
          Look again
        </Button>
      }
    >
      <div className="sheet">
        <DeadLetterList />
      </div>
    </Page>
  );
}

function DeadLetterList() {
  const query = useInfiniteQuery(deadLettersQuery);
  const { data, error, isPending, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  if (isPending) return <Loading label="Loading dead letters" />;
  if (!data) {
    return <Failed title="The dead letters can't be shown" error={error} onRetry={() => void refetch()} />;
  }
  const deadLetters = data.pages.flatMap((page) => page.items);
  if (deadLetters.length === 0 && !hasNextPage) {
    return (
      <Empty title="No dead letters">
        What no service can use comes here, with where it came from and why: an event that is no JSON, a run
        whose attempts all failed.
      </Empty>
    );
  }
  return (
    <>
      <ul className={classes.list}>
        {deadLetters.map((deadLetter) => (
          <DeadLetterItem key={deadLetter.id} deadLetter={deadLetter} />
        ))}
      </ul>
      {hasNextPage && (
        <div className={classes.older}>
          <Button variant="default" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
            Load older ones
          </Button>
        </div>
      )}
    </>
  );
}
