import { RelativeTime } from "@/components/RelativeTime";
import { runStateWord } from "@/components/RunStateMark";
import { inWords } from "@/lib/duration";
import { useInstants } from "@/lib/instant";
import { duration, isWanted, RUN_STATES, type Run } from "@/lib/run";
import classes from "./Attempts.module.css";
import { type Attempt, attemptsOf } from "./attempts";

/** Every attempt of a run that has more than one, and when the next one is due. */
export function Attempts({ run, zone }: { run: Run; zone?: string | null }) {
  const { exact } = useInstants(zone);
  const attempts = attemptsOf(run);
  if (attempts.length === 0) return null;
  return (
    <ol className={classes.attempts}>
      {attempts.map((attempt) => (
        <One
          key={`${attempt.attempt}-${attempt.finished_at}-${attempt.worker}`}
          attempt={attempt}
          zone={zone}
        />
      ))}
      {run.retry_at && (
        <li>
          <strong>Attempt {run.attempt + 1}</strong> is due <RelativeTime at={run.retry_at} zone={zone} />,{" "}
          <time dateTime={run.retry_at}>{exact(run.retry_at)}</time>
        </li>
      )}
    </ol>
  );
}

function One({ attempt, zone }: { attempt: Attempt; zone?: string | null }) {
  const { clockTimeMs, exact } = useInstants(zone);
  const took = duration(attempt);
  const state = RUN_STATES.find((s) => s === attempt.outcome);
  const word = state ? runStateWord(state).toLowerCase() : attempt.outcome;
  return (
    <li>
      <strong>Attempt {attempt.attempt}</strong> {word}
      {attempt.finished_at && (
        <>
          {" "}
          at{" "}
          <time dateTime={attempt.finished_at} title={exact(attempt.finished_at)}>
            {clockTimeMs(attempt.finished_at)}
          </time>
        </>
      )}
      {took !== null && ` after ${inWords(took)}`}
      {!attempt.started_at && attempt.finished_at && " before it began"}
      {attempt.error && !attempt.isShown && (
        <div className={state && isWanted(state) ? undefined : classes.error}>{attempt.error.message}</div>
      )}
    </li>
  );
}
