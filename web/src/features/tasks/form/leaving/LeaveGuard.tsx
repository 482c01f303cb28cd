import { useBlocker } from "@tanstack/react-router";
import { ConfirmDialog } from "@/components/ConfirmDialog";
import { useUnsaved } from "@/lib/unsaved";

/** Asks before what was typed is lost, whichever way somebody leaves: Cancel, links, Back, closing the tab, signing out. */
export function LeaveGuard({ isUnsaved }: { isUnsaved: () => boolean }) {
  const blocker = useBlocker({ shouldBlockFn: isUnsaved, enableBeforeUnload: isUnsaved, withResolver: true });
  useUnsaved(isUnsaved); // for signing out, which leaves the address as it is
  return (
    <ConfirmDialog
      opened={blocker.status === "blocked"}
      title="Leave without saving?"
      confirm="Leave"
      dismiss="Stay"
      busy={false}
      onConfirm={() => blocker.proceed?.()}
      onClose={() => blocker.reset?.()}
    >
      What you typed is not saved yet.
    </ConfirmDialog>
  );
}
