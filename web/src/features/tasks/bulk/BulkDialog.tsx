import { Button, Group, Modal } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useRef, useState } from "react";
import { FollowedChangeSet } from "@/components/changeSet/FollowedChangeSet";
import { notifyDone } from "@/components/notify";
import { OperatorButton } from "@/components/OperatorButton";
import { type BulkAction, isMoving, tasksOf } from "@/lib/changeSets/changeSet";
import { beginBulk, changeSetQuery, countBulk } from "@/lib/changeSets/queries";
import { freshId } from "@/lib/freshId";
import { textOf, Unreachable } from "@/lib/problem";
import classes from "./Bulk.module.css";
import { BulkCounted } from "./BulkCounted";
import { BulkFields } from "./BulkFields";
import { type BulkForm, bodyOf, countedBody, emptyForm, isTyped, words } from "./bulkForm";
import { subjectOf, type Target } from "./target";

type Props = {
  action: BulkAction;
  target: Target;
  /** The window that is asked for, as an address says it. */
  spread?: string;
  onClose: () => void;
  onBegun?: () => void;
};

/** Something done to many tasks: counted, confirmed, followed, and taken back. */
export function BulkDialog({ action, target, spread, onClose, onBegun }: Props) {
  const client = useQueryClient();
  const [form, setForm] = useState<BulkForm>({ ...emptyForm, ...(spread && { spread }) });
  const [begunId, setBegunId] = useState<string | null>(null);
  const [isLeaving, setLeaving] = useState(false);
  const { title, verb, text, isRed } = words[action];
  const body = bodyOf(action, target, form);

  const wanted = JSON.stringify(countedBody(action, target, form));
  const [settled] = useDebouncedValue(wanted, 300);
  const count = useQuery({
    queryKey: ["bulk-count", settled],
    queryFn: ({ signal }) => countBulk(JSON.parse(settled), signal),
    enabled: begunId === null,
    placeholderData: (before) => before,
    gcTime: 0,
  });
  const isOld = wanted !== settled || count.isFetching;

  // The same request again, after an answer that was lost, begins nothing twice.
  const named = useRef({ body: "", id: "" });
  const begin = useMutation({
    mutationFn: async () => {
      const said = JSON.stringify(body);
      if (named.current.body !== said) named.current = { body: said, id: freshId() };
      const id = named.current.id;
      const begun = await beginBulk({ action, ...body, id });
      return "state" in begun ? begun : { id }; // else it is taken, and not yet written down
    },
    onSuccess: (begun) => {
      if ("state" in begun) client.setQueryData(changeSetQuery(begun.id).queryKey, begun);
      setBegunId(begun.id);
      onBegun?.();
    },
  });

  function close() {
    if (begunId === null && isTyped(form) && !isLeaving) return setLeaving(true);
    const known = begunId === null ? undefined : client.getQueryData(changeSetQuery(begunId).queryKey);
    if (known && isMoving(known)) {
      notifyDone(
        "It goes on in the background",
        <Link to="/system/change-sets/$changeSet" params={{ changeSet: known.id }}>
          See how far it is
        </Link>,
      );
    }
    onClose();
  }

  return (
    <Modal opened onClose={close} title={title} centered size="lg">
      {begunId !== null ? (
        <>
          <FollowedChangeSet key={begunId} id={begunId} onUndone={({ id }) => setBegunId(id)} />
          <Group justify="flex-end" mt="lg">
            <Button variant="default" onClick={close} data-autofocus>
              Close
            </Button>
          </Group>
        </>
      ) : (
        <>
          <div className={classes.fields}>
            <p className={classes.text}>{text}</p>
            <BulkFields
              action={action}
              form={form}
              onChange={(part) => {
                begin.reset();
                setLeaving(false);
                setForm((before) => ({ ...before, ...part }));
              }}
            />
            <BulkCounted
              subject={subjectOf(target)}
              count={count.data}
              error={count.isFetching ? null : count.error}
              isOld={isOld}
            />
            {begin.error && (
              <div className={classes.bad} role="alert">
                {textOf(begin.error)}
                {begin.error instanceof Unreachable &&
                  " Whether it has begun is unknown; to try again from here is safe."}
              </div>
            )}
          </div>
          {isLeaving ? (
            <div className={classes.leave} role="alert">
              <span>What you typed is not used yet.</span>
              <Button variant="default" onClick={() => setLeaving(false)} data-autofocus>
                Keep it
              </Button>
              <Button color="red" onClick={close}>
                Discard
              </Button>
            </div>
          ) : (
            <Group justify="flex-end" gap="xs" mt="lg">
              <Button variant="default" onClick={close} data-autofocus={action === "delete" || undefined}>
                Cancel
              </Button>
              <OperatorButton
                color={isRed ? "red" : undefined}
                disabled={!body || isOld || !count.data?.count || count.isError}
                loading={begin.isPending}
                onClick={() => begin.mutate()}
              >
                {count.data ? `${verb} ${tasksOf(count.data.count)}` : verb}
              </OperatorButton>
            </Group>
          )}
        </>
      )}
    </Modal>
  );
}
