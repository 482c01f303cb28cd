import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ConfirmDialog } from "@/components/ConfirmDialog";
import { notifyFailed } from "@/components/notify";
import { OperatorButton } from "@/components/OperatorButton";
import { type ChangeSet, tasksOf } from "@/lib/changeSets/changeSet";
import { cancelChangeSet, resumeChangeSet, undoChangeSet } from "@/lib/changeSets/queries";
import classes from "./ChangeSet.module.css";

type Props = {
  of: ChangeSet;
  /** Hears of the change that takes it back. */
  onUndone: (undo: ChangeSet) => void;
  /** Undo asks first, where it is not what was just done. */
  asks?: boolean;
};

/** What can be done to a change of many tasks: stopped while it goes on, taken back when it is over. */
export function ChangeSetActions({ of, onUndone, asks }: Props) {
  const client = useQueryClient();
  const [isAsking, setAsking] = useState(false);
  const settle = { onSettled: () => client.invalidateQueries() };
  const keep = (next: ChangeSet) => client.setQueryData(["change-sets", next.id], next);
  const cancel = useMutation({
    mutationFn: () => cancelChangeSet(of.id),
    onSuccess: keep,
    onError: (error) => notifyFailed("It was not cancelled", error),
    ...settle,
  });
  const resume = useMutation({
    mutationFn: () => resumeChangeSet(of.id),
    onSuccess: keep,
    onError: (error) => notifyFailed("It does not go on", error),
    ...settle,
  });
  const undo = useMutation({
    mutationFn: () => undoChangeSet(of.id),
    onSuccess: (next) => {
      keep(next);
      setAsking(false);
      onUndone(next);
    },
    onError: (error) => {
      setAsking(false);
      notifyFailed("It was not undone", error);
    },
    ...settle,
  });
  const isOver = of.state === "done" || of.state === "cancelled";
  return (
    <div className={classes.actions}>
      {!isOver && (
        <OperatorButton
          variant="default"
          icon="slash"
          loading={cancel.isPending}
          onClick={() => cancel.mutate()}
        >
          {of.state === "running" ? "Cancel the rest" : "Cancel"}
        </OperatorButton>
      )}
      {of.state === "interrupted" && of.kind !== "import" && (
        <OperatorButton icon="play" loading={resume.isPending} onClick={() => resume.mutate()}>
          Go on
        </OperatorButton>
      )}
      {isOver && of.accepted > 0 && !of.undone_by && (
        <OperatorButton
          variant="default"
          icon="back"
          loading={undo.isPending}
          onClick={() => (asks ? setAsking(true) : undo.mutate())}
        >
          Undo
        </OperatorButton>
      )}
      <ConfirmDialog
        opened={isAsking}
        title={`Undo this for ${tasksOf(of.accepted)}?`}
        confirm="Undo"
        busy={undo.isPending}
        onClose={() => setAsking(false)}
        onConfirm={() => undo.mutate()}
      >
        Each task goes back to how it was before, unless somebody has changed it since. Runs that were started
        by this and have not ended are cancelled. An undo can be undone.
      </ConfirmDialog>
    </div>
  );
}
