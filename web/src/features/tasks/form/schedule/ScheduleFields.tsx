import { SegmentedControl } from "@mantine/core";
import { zones } from "@/lib/zones";
import { ScheduleDiffView } from "../diff/ScheduleDiffView";
import type { ScheduleDiffState } from "../diff/useScheduleDiff";
import type { Fields } from "../fields";
import { Section } from "../Section";
import classes from "./ScheduleFields.module.css";
import { SchedulePreview } from "./SchedulePreview";
import { SeveralFields } from "./SeveralFields";
import { SingleFields } from "./SingleFields";
import { type Kind, kindIn, type ScheduleDraft, withKind } from "./schedule";
import type { SchedulePreviewState } from "./usePreview";
import { ZONES } from "./ZoneField";

const kinds: { value: Kind; label: string }[] = [
  { value: "cron", label: "Cron" },
  { value: "every", label: "Interval" },
  { value: "calendar", label: "Calendar" },
  { value: "at", label: "One time" },
  { value: "any", label: "Several" },
  { value: "manual", label: "Only when triggered" },
];

type Props = {
  fields: Fields;
  preview: SchedulePreviewState;
  /** What saving would change; null where there is nothing to compare. */
  diff: ScheduleDiffState | null;
  /** What was done to the schedule without typing, for those who can't see it. */
  announcement: string;
};

/** When: the kind of schedule, its fields, and beside them what the server makes of it while it is typed. */
export function ScheduleFields({ fields, preview, diff, announcement }: Props) {
  const { form } = fields;
  const { schedule } = form.getValues();
  const kind = kindIn(schedule);
  const zone = clockOf(schedule);
  return (
    <Section
      title="When"
      hint="By a cron expression, every so often, once, or only when it is triggered."
      aside={
        <div className={classes.aside}>
          <SchedulePreview preview={preview} kind={kind} zone={zone} />
          {diff && <ScheduleDiffView diff={diff} zone={zone} />}
        </div>
      }
    >
      <SegmentedControl
        aria-label="Kind of schedule"
        withItemsBorders={false}
        classNames={{ root: classes.kinds }}
        data={kinds}
        value={kind}
        onChange={(chosen) => form.setFieldValue("schedule", withKind(schedule, chosen as Kind))}
      />
      {schedule.mode === "single" && <SingleFields fields={fields} path="schedule.single" />}
      {schedule.mode === "any" && <SeveralFields fields={fields} />}
      {schedule.mode === "manual" && (
        <p className={classes.manual}>
          It has no times of its own. It runs when somebody presses <strong>Run now</strong>, when a program
          triggers it, or when a run of another task that starts it ends.
        </p>
      )}
      <datalist id={ZONES}>
        {zones.map((zone) => (
          <option key={zone} value={zone} />
        ))}
      </datalist>
      <p role="status" className="sr-only">
        {announcement}
      </p>
    </Section>
  );
}

/** The zone whose clock the schedule goes by; an interval has none. */
function clockOf({ mode, single, timezone }: ScheduleDraft): string | undefined {
  if (mode === "any") return timezone;
  return mode === "single" && single.kind !== "every" ? single.timezone : undefined;
}
