import { Button } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ConfirmDialog } from "@/components/ConfirmDialog";
import { Icon } from "@/components/Icon";
import { notifyDone, notifyFailed } from "@/components/notify";
import { api, ask } from "@/lib/api";
import type { DeadLetter } from "@/lib/deadLetter";

const words = {
  send_back: {
    label: "Send back…",
    title: "Send it back?",
    confirm: "Send back",
    text: "The same bytes go to the topic and partition they came from, as if they had just been sent. What still can't use them makes a new dead letter of them.",
  },
  run_again: {
    label: "Run again…",
    title: "Run it again?",
    confirm: "Run again",
    text: "Its task is triggered with the payload of this run: a manual run of its own, now. The failed run stays as it is.",
  },
} as const;

/** Another try with a dead letter, which stays in the list. Asks first, since the effects may come twice. */
export function RedriveButton({ deadLetter }: { deadLetter: DeadLetter }) {
  const client = useQueryClient();
  const [asking, { open, close }] = useDisclosure(false);
  const path = { partition: deadLetter.partition, offset: deadLetter.offset };
  const redrive = useMutation({
    mutationFn: () =>
      ask(api.POST("/api/v1/dead-letters/{partition}/{offset}/redrive", { params: { path } })),
    onSuccess: (done) => {
      if ("journal" in done) notifyDone("The request is taken", "It shows in the execution log soon.");
      else if (done.run_id)
        notifyDone(
          "It runs again",
          <Link to="/runs/$runId" params={{ runId: done.run_id }}>
            Open the run
          </Link>,
        );
      else notifyDone("It was sent back", `Partition ${done.partition}, offset ${done.offset}.`);
    },
    onError: (error) => notifyFailed("It was not redriven", error),
    onSettled: () => {
      close();
      void client.invalidateQueries();
    },
  });
  if (!deadLetter.redrive) return null;
  const { label, title, confirm, text } = words[deadLetter.redrive];
  return (
    <>
      <Button
        variant="default"
        size="xs"
        leftSection={<Icon name={deadLetter.redrive === "send_back" ? "back" : "retry"} size={14} />}
        onClick={open}
      >
        {label}
      </Button>
      <ConfirmDialog
        opened={asking}
        title={title}
        confirm={confirm}
        harmless
        busy={redrive.isPending}
        onClose={close}
        onConfirm={() => redrive.mutate()}
      >
        {text}
      </ConfirmDialog>
    </>
  );
}
