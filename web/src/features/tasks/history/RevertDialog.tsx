import { Button, Group, Modal, TextInput } from "@mantine/core";
import { useState } from "react";
import { useDiscardGuard } from "@/components/useDiscardGuard";
import { Problem, textOf, Unreachable } from "@/lib/problem";
import classes from "./History.module.css";
import { placeInWords } from "./pointers";
import { useRevert } from "./useRevert";

type Props = {
  taskId: string;
  version: number;
  /** Of the task as it is now; without one the task is deleted, and made anew. */
  etag?: string;
  isThere: boolean;
  onClose: () => void;
};

/** Asks before an earlier version is put back, and says why one can't be. */
export function RevertDialog({ taskId, version, etag, isThere, onClose }: Props) {
  const [note, setNote] = useState("");
  // What somebody has decided on is the task as it was when they were asked, and not what it became meanwhile.
  const [seen] = useState(etag);
  const revert = useRevert(taskId);
  const guard = useDiscardGuard(note.trim() !== "" && !revert.isSuccess, onClose);
  const isOvertaken = revert.error instanceof Problem && revert.error.status === 412;

  function send() {
    const ifMatch = isOvertaken ? etag : seen;
    revert.mutate({ version, note: note.trim() || undefined, ifMatch }, { onSuccess: onClose });
  }

  return (
    <>
      <Modal opened {...guard.modal} title={`Revert to version ${version}?`} centered>
        <form
          onSubmit={(e) => {
            e.preventDefault();
            send();
          }}
        >
          <p className={classes.about}>
            {isThere
              ? "Its definition is put back as a new version; nothing of the history goes away. Whether the task is paused stays as it is, and what was due before stands."
              : "The task is deleted: it is made anew as it was in this version, paused if that was."}
          </p>
          <TextInput
            label="Note (may stay empty)"
            description="Why, for the history."
            maxLength={900}
            value={note}
            onChange={(e) => setNote(e.currentTarget.value)}
            data-autofocus
          />
          {revert.error && <Refusal error={revert.error} version={version} />}
          <Group justify="flex-end" gap="xs" mt="lg">
            <Button variant="default" onClick={guard.leave}>
              Cancel
            </Button>
            <Button type="submit" loading={revert.isPending}>
              {isOvertaken ? "Revert all the same" : "Revert"}
            </Button>
          </Group>
        </form>
      </Modal>
      {guard.question}
    </>
  );
}

function Refusal({ error, version }: { error: Error; version: number }) {
  const { status, errors } = error instanceof Problem ? error : { status: 0, errors: [] };
  return (
    <div className={classes.refusal} role="alert">
      {status === 412 && "The task has been changed since you were asked. Look at its newest version first."}
      {status === 422 && errors.length > 0 && (
        <>
          Version {version} can't be put back as it was; look at it whole, and edit the task by it:
          <ul>
            {errors.map(({ pointer, message }) => (
              <li key={pointer + message}>
                <span className="mono">{placeInWords(pointer)}</span>: {message}
              </li>
            ))}
          </ul>
        </>
      )}
      {status !== 412 && !(status === 422 && errors.length > 0) && textOf(error)}
      {error instanceof Unreachable && " Whether it took effect is unknown; look before you repeat it."}
    </div>
  );
}
