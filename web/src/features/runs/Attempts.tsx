import { inWords } from "@/lib/duration";
import { clockTimeMs } from "@/lib/instant";
import { duration, type Run } from "@/lib/run";
import classes from "./Attempts.module.css";

/** The attempts besides the one that the run shows. */
export function Attempts({ attempts }: { attempts: Run["attempts"] }) {
  if (attempts.length === 0) return null;
  return (
    <section className={classes.attempts}>
      <h3>Other attempts</h3>
      <ul>
        {attempts.map((attempt) => {
          const took = duration(attempt);
          return (
            <li key={`${attempt.attempt}-${attempt.finished_at}`}>
              <strong>{attempt.attempt}</strong> {attempt.outcome}
              {attempt.finished_at && (
                <time dateTime={attempt.finished_at}> at {clockTimeMs(attempt.finished_at)}</time>
              )}
              {took !== null && ` after ${inWords(took)}`}
              {attempt.error && <div className={classes.error}>{attempt.error.message}</div>}
            </li>
          );
        })}
      </ul>
    </section>
  );
}
