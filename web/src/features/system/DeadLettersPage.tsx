import { Button } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Icon } from "@/components/Icon";
import { Empty, Failed, Loading } from "@/components/ListStates";
import { Page } from "@/components/Page";
import classes from "./DeadLetters.module.css";
import { Letter } from "./Letter";
import { lettersQuery } from "./queries";

/** What no service could use, and runs that failed for good: where from, why, what they look like, and once more. */
export function DeadLettersPage() {
  const { refetch, isFetching } = useInfiniteQuery(lettersQuery);
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
        <Letters />
      </div>
    </Page>
  );
}

function Letters() {
  const query = useInfiniteQuery(lettersQuery);
  const { data, error, isPending, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  if (isPending) return <Loading label="Loading dead letters" />;
  if (!data) {
    return <Failed title="The dead letters can't be shown" error={error} onRetry={() => void refetch()} />;
  }
  const letters = data.pages.flatMap((page) => page.items);
  if (letters.length === 0 && !hasNextPage) {
    return (
      <Empty title="No dead letters">
        What no service can use comes here, with where it came from and why: an event that is no JSON, a run
        whose attempts all failed.
      </Empty>
    );
  }
  return (
    <>
      <ul className={classes.letters}>
        {letters.map((letter) => (
          <Letter key={letter.id} letter={letter} />
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
