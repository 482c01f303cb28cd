import { Button, Group, Modal, Textarea } from "@mantine/core";
import { useState } from "react";
import { useDiscardGuard } from "@/components/useDiscardGuard";
import { jsonProblem, setOut } from "@/lib/json";
import { isUnknown } from "@/lib/once";
import { textOf } from "@/lib/problem";
import type { Run } from "@/lib/run";
import type { useRunActions } from "./useRunActions";

type Props = { run: Run; rerun: ReturnType<typeof useRunActions>["rerun"]; onClose: () => void };

/** Another run of the same task, now, with the payload of this one or what somebody makes of it. */
export function RerunDialog({ run, rerun, onClose }: Props) {
  const [given] = useState(() => setOut(run.payload_json ?? JSON.stringify(run.payload ?? null)));
  const [text, setText] = useState(given);
  const wrong = text === given ? null : complaint(text);
  const guard = useDiscardGuard(text !== given, onClose);
  const again = isUnknown(rerun.error)
    ? " Whether it has begun is unknown; to try again from here is safe."
    : "";
  const refused = rerun.error && textOf(rerun.error) + again;

  function send() {
    if (wrong) return;
    rerun.mutate(text === given ? null : text.trim() || "null", { onSuccess: onClose });
  }

  return (
    <>
      <Modal opened {...guard.modal} title={`Run ${run.task_name || run.task_id} again?`} centered size="lg">
        <Textarea
          label="Payload"
          description="What this run had. It can be changed for the new run; the task keeps its own."
          autosize
          minRows={4}
          maxRows={16}
          spellCheck={false}
          classNames={{ input: "mono" }}
          value={text}
          onChange={(e) => {
            setText(e.currentTarget.value);
            rerun.reset();
          }}
          error={wrong ?? refused}
          data-autofocus
        />
        <Group justify="flex-end" gap="xs" mt="lg">
          <Button variant="default" onClick={guard.leave}>
            Cancel
          </Button>
          <Button onClick={send} loading={rerun.isPending} disabled={wrong !== null}>
            Run again
          </Button>
        </Group>
      </Modal>
      {guard.question}
    </>
  );
}

/** Nothing typed is no payload. */
function complaint(text: string): string | null {
  const problem = text.trim() ? jsonProblem(text) : null;
  return problem && `This is not JSON yet: ${problem}`;
}
