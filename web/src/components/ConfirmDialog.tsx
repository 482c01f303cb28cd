import { Button, Group, Modal } from "@mantine/core";
import type { ReactNode } from "react";

type Props = {
  opened: boolean;
  title: string;
  confirm: string;
  busy: boolean;
  onConfirm: () => void;
  onClose: () => void;
  children: ReactNode;
  /** The safe answer, where "Cancel" could be taken for the deed. */
  dismiss?: string;
  /** What takes nothing away need not be red. */
  harmless?: boolean;
};

/** Asks before something that can't be undone. The safe answer has the focus. */
export function ConfirmDialog(props: Props) {
  const { opened, title, confirm, busy, onConfirm, onClose, children, dismiss = "Cancel", harmless } = props;
  return (
    <Modal opened={opened} onClose={onClose} title={title} centered>
      {children}
      <Group justify="flex-end" gap="xs" mt="lg">
        <Button variant="default" onClick={onClose} data-autofocus>
          {dismiss}
        </Button>
        <Button color={harmless ? undefined : "red"} onClick={onConfirm} loading={busy}>
          {confirm}
        </Button>
      </Group>
    </Modal>
  );
}
