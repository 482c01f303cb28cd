import type { Run } from "@/lib/run";

export type Attempt = Run["attempts"][number] & { isShown: boolean };

/** All attempts of a run as they came, the one that the run shows among them; none for a run with only one. */
export function attemptsOf(run: Run): Attempt[] {
  if (run.attempts.length === 0 && run.attempt === 1 && run.state !== "retrying") return [];
  const { attempt, started_at, finished_at, error, worker } = run;
  const outcome = run.state === "retrying" ? "failed" : run.state;
  const shown = { attempt, outcome, started_at, finished_at, error, worker, isShown: true };
  const others = run.attempts.map((other) => ({ ...other, isShown: false }));
  return [...others, shown].sort((a, b) => a.attempt - b.attempt || time(a) - time(b));
}

/** What is not over comes last. */
function time(attempt: Attempt): number {
  return attempt.finished_at ? Date.parse(attempt.finished_at) : Number.POSITIVE_INFINITY;
}
