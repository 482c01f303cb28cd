import { Banner } from "@/components/Banner";
import { RelativeTime } from "@/components/RelativeTime";
import type { Task } from "@/lib/task";
import classes from "./TaskPage.module.css";

/** Why a task is paused, where somebody said so, or the ticker did: after failures in a row. */
export function PauseNote({ pause, zone }: { pause?: Task["pause"]; zone?: string | null }) {
  if (!pause?.note) return null;
  const byItself = pause.by === "tasker";
  return (
    <div className={classes.pause}>
      <Banner tone={byItself ? "warn" : "note"} icon="pause">
        {byItself ? capitalised(pause.note) : `Paused${pause.by ? ` by ${pause.by}` : ""}: ${pause.note}`}{" "}
        <span className="dim">
          · <RelativeTime at={pause.at} zone={zone} />
        </span>
        {byItself && <div>It stays so until somebody resumes it; then the count begins anew.</div>}
      </Banner>
    </div>
  );
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
