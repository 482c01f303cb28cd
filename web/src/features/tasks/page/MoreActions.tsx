import { Button, Menu } from "@mantine/core";
import { useState } from "react";
import { ConfirmDialog } from "@/components/ConfirmDialog";
import { Guarded } from "@/components/Guarded";
import { Icon } from "@/components/Icon";
import { type Overlap, titleOf } from "@/lib/task";
import { BackfillDialog } from "../backfill/BackfillDialog";
import { type Actionable, useTaskActions } from "../useTaskActions";

/** What is done to a task's runs now and then: run past times, cancel what is unfinished. */
export function MoreActions({ task }: { task: Actionable & { overlap?: Overlap } }) {
  const { cancelRuns } = useTaskActions();
  const [shown, setShown] = useState<"backfill" | "cancel" | null>(null);
  const close = () => setShown(null);
  return (
    <>
      <Guarded needs="operator">
        {(isOff) => (
          <Menu
            position="bottom-end"
            withinPortal={false}
            transitionProps={{ duration: 0 }}
            hideDetached={false}
          >
            <Menu.Target>
              <Button variant="default" leftSection={<Icon name="more" />} disabled={isOff}>
                More
              </Button>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item leftSection={<Icon name="back" />} onClick={() => setShown("backfill")}>
                Backfill…
              </Menu.Item>
              <Menu.Item leftSection={<Icon name="slash" />} onClick={() => setShown("cancel")}>
                Cancel unfinished runs…
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
        )}
      </Guarded>
      {shown === "backfill" && <BackfillDialog task={task} onClose={close} />}
      <ConfirmDialog
        opened={shown === "cancel"}
        title={`Cancel all unfinished runs of ${titleOf(task)}?`}
        confirm="Cancel the runs"
        dismiss="Let them go on"
        busy={cancelRuns.isPending}
        onClose={close}
        onConfirm={() => cancelRuns.mutate(task, { onSettled: close })}
      >
        Running handlers are stopped, and attempts that are still to come are dropped. The schedule goes on:
        the next run comes at its time.
      </ConfirmDialog>
    </>
  );
}
