import { useDisclosure } from "@mantine/hooks";
import { ConfirmDialog } from "@/components/ConfirmDialog";
import { OperatorButton } from "@/components/OperatorButton";
import { isUnfinished, type Run } from "@/lib/run";
import { RerunDialog } from "./RerunDialog";
import classes from "./RunInspector.module.css";
import { useRunActions } from "./useRunActions";

/** Cancel what is unfinished, run again what is over; an alert is of no task that could run again. */
export function RunActions({ run }: { run: Run }) {
  const { cancel, rerun } = useRunActions(run);
  const [asking, { open, close }] = useDisclosure(false);
  const isGoing = isUnfinished(run.state);
  if (run.kind === "alert" && !isGoing) return null;
  return (
    <div className={classes.actions}>
      <OperatorButton variant="default" size="xs" icon={isGoing ? "slash" : "retry"} onClick={open}>
        {isGoing ? "Cancel run" : "Run again…"}
      </OperatorButton>
      {isGoing ? (
        <ConfirmDialog
          opened={asking}
          title="Cancel this run?"
          confirm="Cancel run"
          dismiss="Let it go on"
          busy={cancel.isPending}
          onClose={close}
          onConfirm={() => cancel.mutate(undefined, { onSettled: close })}
        >
          {run.state === "retrying" && "Its next attempt will not come."}
          {run.state === "waiting" &&
            "Its callback is not waited for any more. What it has called is not told, and may go on."}
          {run.state === "running" &&
            "Its handler is stopped. What it has done by then stays done, and it is not tried again."}
        </ConfirmDialog>
      ) : (
        asking && <RerunDialog run={run} rerun={rerun} onClose={close} />
      )}
    </div>
  );
}
