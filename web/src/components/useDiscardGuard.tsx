import { useBlocker } from "@tanstack/react-router";
import { useState } from "react";
import { ConfirmDialog } from "./ConfirmDialog";

/**
 * For a dialog in which somebody types. `leave` closes it, and asks first where that would lose what is typed; so does
 * leaving the page. `modal` goes to the dialog, so that Escape means the question while it is asked; `question` stands
 * beside the dialog.
 */
export function useDiscardGuard(isTyped: boolean, onClose: () => void) {
  const [isAsking, setAsking] = useState(false);
  const blocker = useBlocker({
    shouldBlockFn: () => isTyped,
    enableBeforeUnload: () => isTyped,
    withResolver: true,
  });
  const isLeaving = blocker.status === "blocked";
  const opened = isAsking || isLeaving;
  const leave = () => (isTyped ? setAsking(true) : onClose());

  function stay() {
    setAsking(false);
    blocker.reset?.();
  }
  function discard() {
    setAsking(false);
    onClose();
    blocker.proceed?.();
  }

  // It is there only while it is asked: else the Escape that opens it would close it again.
  const question = opened && (
    <ConfirmDialog
      opened
      title="Discard what you typed?"
      confirm="Discard"
      dismiss="Go on typing"
      busy={false}
      onClose={stay}
      onConfirm={discard}
    >
      It has not been sent, and would be lost.
    </ConfirmDialog>
  );
  const modal = { onClose: leave, closeOnEscape: !opened, closeOnClickOutside: !opened };
  return { leave, modal, question };
}
