import { useInstants } from "@/lib/instant";
import { noteInWords } from "../../preview";
import { ResolvedHashes } from "../../ResolvedHashes";
import { TimeList } from "../../TimeList";
import classes from "./SchedulePreview.module.css";
import type { Kind } from "./schedule";
import { understood } from "./suggestion";
import type { SchedulePreviewState } from "./usePreview";

type Props = { preview: SchedulePreviewState; kind: Kind; zone?: string };

/** What the schedule means, in words and in its next times, as the server reads it. */
export function SchedulePreview({ preview, kind, zone }: Props) {
  const { data, schedule, isOld, errors } = preview;
  const shown = useInstants(zone);
  return (
    <section
      className={classes.preview}
      aria-label="Preview"
      aria-live="polite"
      data-old={isOld || undefined}
    >
      {data && (
        <>
          <p className={classes.words}>{data.description}</p>
          {schedule && <ResolvedHashes schedule={schedule} resolved={data.resolved} />}
          {data.next.length > 0 && (
            <>
              <p className={classes.next}>
                Next runs <span className="dim">in {shown.zone}</span>
              </p>
              <TimeList times={data.next} taskZone={zone} />
            </>
          )}
          {data.next.length === 0 && kind !== "manual" && data.notes.length === 0 && (
            <p className="dim">No time is left.</p>
          )}
          {data.notes.map((note) => (
            <p key={note} className={classes.note}>
              {noteInWords(note)}
            </p>
          ))}
        </>
      )}
      {!data && <p className="dim">{inTheirPlace(errors)}</p>}
    </section>
  );
}

/** What stands in the place of the times while there are none. */
function inTheirPlace({ fields, suggestions, rest }: SchedulePreviewState["errors"]): string {
  if (Object.keys(fields).length === 0 && rest.length === 0) return "Its next runs show here.";
  const offered = Object.values(suggestions).map((one) => `“Use this” makes it ${understood(one)}.`);
  return ["Not a schedule yet.", ...rest, ...offered].join(" ");
}
