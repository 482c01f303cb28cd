import { Button, Group, Modal, TextInput } from "@mantine/core";
import { useState } from "react";
import { useDiscardGuard } from "@/components/useDiscardGuard";
import { titleOf } from "@/lib/task";
import type { Actionable } from "../useTaskActions";

type Props = { task: Actionable; busy: boolean; onPause: (note?: string) => void; onClose: () => void };

/** Asks why a task is paused, for those who find it so. Nothing need be said: Enter pauses. */
export function PauseDialog({ task, busy, onPause, onClose }: Props) {
  const [note, setNote] = useState("");
  const guard = useDiscardGuard(note.trim() !== "" && !busy, onClose);
  return (
    <>
      <Modal opened {...guard.modal} title={`Pause ${titleOf(task)}?`} centered>
        <form
          onSubmit={(e) => {
            e.preventDefault();
            onPause(note.trim() || undefined);
          }}
        >
          <TextInput
            label="Note (may stay empty)"
            description="Why, for those who find it paused. It fires no more until it is resumed."
            maxLength={1000}
            value={note}
            onChange={(e) => setNote(e.currentTarget.value)}
            data-autofocus
          />
          <Group justify="flex-end" gap="xs" mt="lg">
            <Button variant="default" onClick={guard.leave}>
              Cancel
            </Button>
            <Button type="submit" loading={busy}>
              Pause
            </Button>
          </Group>
        </form>
      </Modal>
      {guard.question}
    </>
  );
}
