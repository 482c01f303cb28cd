import { Button, Checkbox } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Icon } from "@/components/Icon";
import { Empty, Failed, Loading, NoMatch } from "@/components/ListStates";
import { DeadLetterItem } from "./DeadLetterItem";
import classes from "./DeadLetters.module.css";
import { isEach, type LetterFilters } from "./filters";
import { lettersQuery } from "./queries";
import { RedriveManyDialog } from "./RedriveManyDialog";
import { redriveIds } from "./redrive";

/** Single dead letters, newest first; several can be chosen and redriven. */
export function DeadLetterList({ filters, onClear }: { filters: LetterFilters; onClear: () => void }) {
  const query = useInfiniteQuery(lettersQuery(filters));
  const { data, error, isPending, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [isAsking, setAsking] = useState(false);
  if (isPending) return <Loading label="Loading dead letters" />;
  if (!data) {
    return <Failed title="The dead letters can't be shown" error={error} onRetry={() => void refetch()} />;
  }
  const letters = data.pages.flatMap((page) => page.items);
  if (letters.length === 0 && !hasNextPage) {
    return isEach({ ...filters, view: undefined }) ? (
      <NoMatch title="No dead letter matches" onClear={onClear} />
    ) : (
      <Empty title="No dead letters">What no service can use comes here.</Empty>
    );
  }
  const redrivable = letters.filter(({ redrive }) => redrive !== null).map(({ id }) => id);
  const ids = redrivable.filter((id) => chosen.has(id));
  const choose = (id: string, isChosen: boolean) => {
    const next = new Set(chosen);
    if (isChosen) next.add(id);
    else next.delete(id);
    setChosen(next);
  };
  return (
    <>
      <div className={classes.bulk}>
        <Checkbox
          label={ids.length === 0 ? "Choose all that are shown" : `${ids.length} chosen`}
          checked={ids.length > 0 && ids.length === redrivable.length}
          indeterminate={ids.length > 0 && ids.length < redrivable.length}
          disabled={redrivable.length === 0}
          onChange={(e) => setChosen(new Set(e.currentTarget.checked ? redrivable : []))}
        />
        <Button
          variant="default"
          size="xs"
          leftSection={<Icon name="retry" size={14} />}
          disabled={ids.length === 0}
          onClick={() => setAsking(true)}
        >
          Redrive the chosen…
        </Button>
      </div>
      <ul className={classes.list}>
        {letters.map((letter) => (
          <DeadLetterItem
            key={letter.id}
            deadLetter={letter}
            isChosen={chosen.has(letter.id)}
            onChoose={(isChosen) => choose(letter.id, isChosen)}
          />
        ))}
      </ul>
      {letters.length === 0 && <p className={classes.looked}>None of the newest ones matches.</p>}
      {hasNextPage && (
        <div className={classes.older}>
          <Button variant="default" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
            {letters.length === 0 ? "Look further back" : "Load older ones"}
          </Button>
        </div>
      )}
      {isAsking && (
        <RedriveManyDialog
          count={ids.length}
          redrive={(tell, signal) => redriveIds(ids, tell, signal)}
          onClose={() => {
            setAsking(false);
            setChosen(new Set());
          }}
        />
      )}
    </>
  );
}
