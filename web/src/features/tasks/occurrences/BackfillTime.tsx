import { useDisclosure } from "@mantine/hooks";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { ConfirmDialog } from "@/components/ConfirmDialog";
import { notifyDone, notifyFailed } from "@/components/notify";
import { OperatorButton } from "@/components/OperatorButton";
import { ask } from "@/lib/api";
import { useInstants } from "@/lib/instant";
import { useOnce } from "@/lib/once";
import { backfill } from "../backfill/backfill";

type Props = { taskId: string; nominalAt: string; zone?: string | null };

/** Runs one nominal time that was missed, after it has asked. */
export function BackfillTime({ taskId, nominalAt, zone }: Props) {
  const client = useQueryClient();
  const once = useOnce();
  const { exact } = useInstants(zone);
  const [asking, { open, close }] = useDisclosure(false);
  const begin = useMutation({
    mutationFn: () =>
      once([taskId, nominalAt], (header) =>
        ask(backfill(taskId, { times: [nominalAt], rate: 600 }, { header })),
      ),
    onSuccess: () =>
      notifyDone(`${exact(nominalAt)} is being run`, "Its run shows in the log as it happens."),
    onError: (error) => notifyFailed(`${exact(nominalAt)} was not run`, error),
    onSettled: () => {
      close();
      return client.invalidateQueries();
    },
  });
  return (
    <>
      <OperatorButton variant="default" size="xs" icon="back" onClick={open}>
        Backfill this time…
      </OperatorButton>
      <ConfirmDialog
        opened={asking}
        title="Run what was missed?"
        confirm="Run it"
        busy={begin.isPending}
        harmless
        onClose={close}
        onConfirm={() => begin.mutate()}
      >
        The task runs once now, in the background, for the nominal time {exact(nominalAt)}.
      </ConfirmDialog>
    </>
  );
}
