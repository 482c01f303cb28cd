import { Button, Group, Modal, SegmentedControl, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { notifyDone } from "@/components/notify";
import { useDiscardGuard } from "@/components/useDiscardGuard";
import { ask } from "@/lib/api";
import { useInstants } from "@/lib/instant";
import { isUnknown, useOnce } from "@/lib/once";
import { Problem, textOf } from "@/lib/problem";
import { type Overlap, titleOf } from "@/lib/task";
import type { Actionable } from "../useTaskActions";
import classes from "./BackfillDialog.module.css";
import { BackfillPreview } from "./BackfillPreview";
import { type BackfillForm, backfill, countQuery, requestOf, type Which } from "./backfill";

const ways: { value: Which; label: string }[] = [
  { value: "range", label: "A range" },
  { value: "missed", label: "What was missed" },
  { value: "failed", label: "What failed" },
];
/** What the task's overlap does to runs that come faster than they end. */
const collisions: Record<Overlap, string | undefined> = {
  allow: undefined,
  queue_all: undefined,
  skip: "The task skips a run while another one is unfinished: some of these are skipped if they come faster than they end.",
  queue_one:
    "The task lets only one run wait for an unfinished one: others are skipped if they come faster than they end.",
  replace:
    "A new run of the task cancels an unfinished one: these cancel one another if they come faster than they end.",
};
const hints: Record<Which, string> = {
  range:
    "Every time of the schedule from the first instant up to, without, the second one, run before or not.",
  missed: "Times that are recorded as missed, and that no run has made good since.",
  failed: "Times whose runs failed, and that no run has made good since.",
};

const untouched: BackfillForm = { which: "range", start: "", end: "", rate: "600" };

type Props = { task: Actionable & { overlap?: Overlap }; onClose: () => void };

/** Past times of a task, to be run in the background at a rate of their own. Counts them before anything begins. */
export function BackfillDialog({ task, onClose }: Props) {
  const client = useQueryClient();
  const once = useOnce();
  const [asked, setAsked] = useState<BackfillForm>(untouched);
  const isTyped = JSON.stringify({ ...asked, which: untouched.which }) !== JSON.stringify(untouched);
  const guard = useDiscardGuard(isTyped, onClose);
  // By the clock that the count beneath is told by.
  const { zone } = useInstants();
  const wanted = requestOf(asked, zone);
  const [settled] = useDebouncedValue(JSON.stringify(wanted), 300);
  const isOld = JSON.stringify(wanted) !== settled;
  const preview = useQuery(countQuery(task.id, JSON.parse(settled)));
  const begin = useMutation({
    mutationFn: () => once(wanted, (header) => ask(backfill(task.id, wanted ?? {}, { header }))),
    onSuccess: ({ event_id }) => {
      if (event_id) {
        notifyDone(`${titleOf(task)} is being backfilled`, "Its runs show in the log as they happen.");
      } else {
        notifyDone(`${titleOf(task)} has nothing left to backfill`);
      }
      onClose();
    },
    onSettled: () => client.invalidateQueries(),
  });
  const error = begin.error ?? (isOld ? null : preview.error);
  const errorAt = (pointer: string) =>
    error instanceof Problem ? error.errors.find((e) => e.pointer === pointer)?.message : undefined;
  const isPlaced = ["/start", "/end", "/rate"].some(errorAt);
  const isNothing = preview.data?.count === 0;
  // Nothing begins that was not counted; where it can't be counted, the server judges what is sent.
  const isCounted = !isOld && !preview.isPending;
  const unknown = isUnknown(begin.error)
    ? " Whether it has begun is unknown; to try again from here is safe."
    : "";

  function change(part: Partial<BackfillForm>) {
    begin.reset();
    setAsked((before) => ({ ...before, ...part }));
  }

  return (
    <>
      <Modal opened {...guard.modal} title={`Backfill ${titleOf(task)}`} centered size="lg">
        <div className={classes.fields}>
          <SegmentedControl
            aria-label="Which times"
            data={ways}
            value={asked.which}
            onChange={(which) => change({ which: which as Which })}
          />
          <p className={classes.hint}>{hints[asked.which]}</p>
          <div className={classes.pair}>
            <Instant
              label={asked.which === "range" ? "From" : "From (may stay empty)"}
              zone={zone}
              value={asked.start}
              error={errorAt("/start")}
              onChange={(start) => change({ start })}
            />
            <Instant
              label={asked.which === "range" ? "Up to" : "Up to (may stay empty)"}
              zone={zone}
              value={asked.end}
              error={errorAt("/end")}
              onChange={(end) => change({ end })}
            />
          </div>
          <TextInput
            label="Runs a minute"
            description="They run in the background; what is due now goes first."
            inputMode="numeric"
            classNames={{ wrapper: classes.short, input: "num" }}
            value={asked.rate}
            error={errorAt("/rate")}
            onChange={(e) => change({ rate: e.currentTarget.value })}
          />
          <BackfillPreview
            data={error ? undefined : (preview.data ?? undefined)}
            isOld={isOld || preview.isFetching}
            isReady={wanted !== null}
            trouble={error && !isPlaced ? textOf(error) + unknown : undefined}
            warning={collisions[task.overlap ?? "allow"]}
          />
        </div>
        <Group justify="flex-end" gap="xs" mt="lg">
          <Button variant="default" onClick={guard.leave}>
            Cancel
          </Button>
          <Button
            onClick={() => begin.mutate()}
            loading={begin.isPending}
            disabled={!wanted || !isCounted || isNothing || isPlaced}
          >
            Run them
          </Button>
        </Group>
      </Modal>
      {guard.question}
    </>
  );
}

type InstantProps = {
  label: string;
  zone: string;
  value: string;
  error?: string;
  onChange: (value: string) => void;
};

function Instant({ label, zone, value, error, onChange }: InstantProps) {
  return (
    <TextInput
      type="datetime-local"
      step={1}
      label={label}
      description={`In ${zone}.`}
      classNames={{ input: "num" }}
      value={value}
      error={error}
      onChange={(e) => onChange(e.currentTarget.value)}
    />
  );
}
