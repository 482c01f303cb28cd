import { Progress as Bar, Button, Group, Modal } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { textOf } from "@/lib/problem";
import classes from "./DeadLetters.module.css";
import { nothingYet, type Progress } from "./redrive";

type Props = {
  /** How many there are, as far as that is known. */
  count: number;
  redrive: (tell: (progress: Progress) => void, signal: AbortSignal) => Promise<Progress>;
  onClose: () => void;
};

/** Asks, redrives several, shows how it goes, and can be stopped in the middle. */
export function RedriveManyDialog({ count, redrive, onClose }: Props) {
  const client = useQueryClient();
  const [progress, setProgress] = useState<Progress | null>(null);
  const [state, setState] = useState<"asking" | "running" | "over">("asking");
  const [trouble, setTrouble] = useState<string | null>(null);
  const stop = useRef<AbortController>(undefined);
  const isRunning = state === "running";
  const said = count.toLocaleString("en-GB");

  async function begin() {
    stop.current = new AbortController();
    setState("running");
    setProgress(nothingYet);
    try {
      await redrive(setProgress, stop.current.signal);
    } catch (error) {
      if (!stop.current.signal.aborted) setTrouble(textOf(error));
    }
    setState("over");
    void client.invalidateQueries();
  }

  return (
    <Modal
      opened
      // What runs is stopped by its button, not by a key pressed in passing.
      onClose={() => !isRunning && onClose()}
      closeOnEscape={!isRunning}
      closeOnClickOutside={!isRunning}
      withCloseButton={!isRunning}
      title={count === 1 ? "Redrive 1 dead letter?" : `Redrive ${said} dead letters?`}
      centered
    >
      {state === "asking" && (
        <p className={classes.text}>
          Events and results go back to where they came from, as they were; runs are run again by a trigger of
          their task with the same payload. What was wrong should be mended before: effects may come twice,
          and what still can't be used comes back here.
        </p>
      )}
      {progress && (
        <div role="status" aria-live="polite">
          <Bar
            value={((progress.done + progress.failed + progress.passed) / Math.max(count, 1)) * 100}
            animated={isRunning}
            aria-label="Progress"
          />
          <p className={classes.text}>
            {progress.done.toLocaleString("en-GB")} redriven
            {progress.failed > 0 && `, ${progress.failed.toLocaleString("en-GB")} refused`}
            {progress.passed > 0 && `, ${progress.passed.toLocaleString("en-GB")} can't be redriven`}
            {state === "over" && (stop.current?.signal.aborted ? ". Stopped." : ".")}
          </p>
          {progress.errors.map((error) => (
            <p key={error} className={classes.bad}>
              {error}
            </p>
          ))}
        </div>
      )}
      {trouble && (
        <p className={classes.bad} role="alert">
          It ended early: {trouble}
        </p>
      )}
      <Group justify="flex-end" gap="xs" mt="lg">
        {state === "asking" && (
          <>
            <Button variant="default" onClick={onClose} data-autofocus>
              Cancel
            </Button>
            <Button onClick={() => void begin()}>Redrive</Button>
          </>
        )}
        {isRunning && (
          <Button variant="default" onClick={() => stop.current?.abort()}>
            Stop
          </Button>
        )}
        {state === "over" && <Button onClick={onClose}>Close</Button>}
      </Group>
    </Modal>
  );
}
