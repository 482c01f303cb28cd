import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useEffect } from "react";
import { Failed, Loading } from "@/components/ListStates";
import { type ChangeSet, deedOf, isMoving } from "@/lib/changeSets/changeSet";
import { changeSetQuery } from "@/lib/changeSets/queries";
import classes from "./ChangeSet.module.css";
import { ChangeSetActions } from "./ChangeSetActions";
import { ChangeSetProgress } from "./ChangeSetProgress";
import { ChangeSetTroubles } from "./ChangeSetTroubles";

/** A change of many tasks as it goes on, in the place where it was begun. */
export function FollowedChangeSet({ id, onUndone }: { id: string; onUndone: (undo: ChangeSet) => void }) {
  const client = useQueryClient();
  const { data, error, refetch } = useQuery(changeSetQuery(id));
  const isOver = data !== undefined && !isMoving(data);
  // What it has done shows in the lists behind it.
  useEffect(() => {
    if (isOver) void client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== "change-sets" });
  }, [client, isOver]);
  if (!data && error) {
    return <Failed title="How far it is can't be shown" error={error} onRetry={() => void refetch()} />;
  }
  if (!data) return <Loading label="Loading how far it is" rows={2} />;
  return (
    <section className={classes.progress} aria-label={deedOf(data)}>
      <ChangeSetProgress of={data} />
      <ChangeSetTroubles of={data} />
      <div className={classes.line}>
        <ChangeSetActions of={data} onUndone={onUndone} />
        <Link to="/system/change-sets/$changeSet" params={{ changeSet: id }}>
          All about it
        </Link>
      </div>
    </section>
  );
}
