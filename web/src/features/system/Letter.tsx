import { Link } from "@tanstack/react-router";
import { JsonView } from "@/components/JsonView";
import { When } from "@/components/When";
import type { DeadLetter } from "@/lib/letter";
import classes from "./DeadLetters.module.css";
import { Redrive } from "./Redrive";

/** One dead letter; its bytes are shown on request. */
export function Letter({ letter }: { letter: DeadLetter }) {
  return (
    <li className={classes.letter} aria-label={`Dead letter ${letter.id}`}>
      <div className={classes.head}>
        <div className={classes.reason}>{letter.reason}</div>
        <Redrive letter={letter} />
      </div>
      <p className={classes.source}>
        <When at={letter.buried_at} />
        <span>by the {letter.service}</span>
        <span>
          from <span className="mono">{letter.topic}</span> · partition {letter.source_partition} · offset{" "}
          {letter.source_offset}
        </span>
        {letter.task_id && (
          <span>
            task{" "}
            <Link to="/tasks/$taskId" params={{ taskId: letter.task_id }} className="mono">
              {letter.task_id}
            </Link>
          </span>
        )}
        {letter.run_id && (
          <Link to="/runs/$runId" params={{ runId: letter.run_id }}>
            The run
          </Link>
        )}
      </p>
      <details className={classes.bytes}>
        <summary>
          {letter.size.toLocaleString("en-GB")} bytes <span className="dim">· dead letter {letter.id}</span>
        </summary>
        <JsonView value={indented(letter)} label="Value" />
        {letter.is_cut && <p className="dim small">Only its begin is shown.</p>}
      </details>
      {letter.obstacle && <p className={classes.obstacle}>It can't be redriven: {letter.obstacle}.</p>}
    </li>
  );
}

/** JSON that is all there is laid out; anything else stays as it is. */
function indented({ preview, is_cut }: DeadLetter): string {
  if (is_cut) return preview;
  try {
    return JSON.stringify(JSON.parse(preview), null, 2);
  } catch {
    return preview || "(nothing)";
  }
}
