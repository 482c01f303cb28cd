import { ConfirmDialog } from "@/components/ConfirmDialog";

type Props = { name: string; opened: boolean; busy: boolean; onConfirm: () => void; onClose: () => void };

/** Asks before a task is deleted. */
export function DeleteDialog({ name, ...dialog }: Props) {
  return (
    <ConfirmDialog title={`Delete ${name}?`} confirm="Delete task" {...dialog}>
      It fires no more, and retries that are still to come are dropped. Its runs stay in the execution log.
    </ConfirmDialog>
  );
}
