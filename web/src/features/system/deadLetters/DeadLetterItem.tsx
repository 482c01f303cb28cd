import { Checkbox } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { JsonView } from "@/components/JsonView";
import { RelativeTime } from "@/components/RelativeTime";
import type { DeadLetter } from "@/lib/deadLetter";
import { readExact, writeExact } from "@/lib/exactJson";
import classes from "./DeadLetters.module.css";
import { RedriveButton } from "./RedriveButton";

type Props = { deadLetter: DeadLetter; isChosen: boolean; onChoose: (isChosen: boolean) => void };

/** One dead letter; its bytes are shown on request. */
export function DeadLetterItem({ deadLetter, isChosen, onChoose }: Props) {
  return (
    <li className={classes.item} aria-label={`Dead letter ${deadLetter.id}`}>
      <div className={classes.head}>
        <Checkbox
          aria-label={`Choose ${deadLetter.id}`}
          checked={isChosen}
          disabled={deadLetter.redrive === null}
          onChange={(e) => onChoose(e.currentTarget.checked)}
        />
        <div className={classes.reason}>{deadLetter.reason}</div>
        <RedriveButton deadLetter={deadLetter} />
      </div>
      <p className={classes.source}>
        <RelativeTime at={deadLetter.buried_at} />
        <span>by the {deadLetter.service}</span>
        <span>
          from <span className="mono">{deadLetter.topic}</span> · partition {deadLetter.source_partition} ·
          offset {deadLetter.source_offset}
        </span>
        {deadLetter.task_id && (
          <span>
            task{" "}
            <Link to="/tasks/$taskId" params={{ taskId: deadLetter.task_id }} className="mono">
              {deadLetter.task_id}
            </Link>
          </span>
        )}
        {deadLetter.run_id && (
          <Link to="/runs/$runId" params={{ runId: deadLetter.run_id }}>
            The run
          </Link>
        )}
      </p>
      <details className={classes.bytes}>
        <summary>
          {deadLetter.size.toLocaleString("en-GB")} bytes{" "}
          <span className="dim">· dead letter {deadLetter.id}</span>
        </summary>
        <JsonView value={indented(deadLetter)} label="Value" />
        {deadLetter.is_cut && <p className="dim small">Only its begin is shown.</p>}
      </details>
      {deadLetter.obstacle && (
        <p className={classes.obstacle}>It can't be redriven: {deadLetter.obstacle}.</p>
      )}
    </li>
  );
}

/** JSON that is all there is laid out; anything else stays as it is. */
function indented({ preview, is_cut }: DeadLetter): string {
  if (is_cut) return preview;
  try {
    return writeExact(readExact(preview), 2);
  } catch {
    return preview || "(nothing)";
  }
}
