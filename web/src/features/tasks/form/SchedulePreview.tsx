import { viewerZone } from "@/lib/instant";
import { TimeList } from "../TimeList";
import classes from "./SchedulePreview.module.css";
import type { SchedulePreviewState } from "./usePreview";

/** What the schedule means, in words and in its next times, as the server reads it. */
export function SchedulePreview({ preview, zone }: { preview: SchedulePreviewState; zone?: string }) {
  const { data, isOld, errors, rest } = preview;
  const isWrong = rest.length > 0 || Object.keys(errors).length > 0;
  const elsewhere = zone && zone !== viewerZone ? zone : undefined;
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
          {data.next.length > 0 ? (
            <>
              <p className={classes.next}>
                Next runs <span className="dim">in {viewerZone}</span>
              </p>
              <TimeList times={data.next} zone={elsewhere} />
            </>
          ) : (
            <p className="dim">No time is left.</p>
          )}
          {data.notes.map((note) => (
            <p key={note} className={classes.note}>
              {note}
            </p>
          ))}
        </>
      )}
      {!data && (
        <p className="dim">
          {isWrong ? ["Not a schedule yet.", ...rest].join(" ") : "Its next runs show here."}
        </p>
      )}
    </section>
  );
}
