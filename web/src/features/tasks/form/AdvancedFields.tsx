import { type ReactNode, useEffect, useState } from "react";
import classes from "./AdvancedFields.module.css";
import { BoundsFields } from "./BoundsFields";
import type { Draft } from "./draft";
import type { Fields } from "./fields";
import { MisfireFields } from "./MisfireFields";
import { defaults, differs, MISFIRE, type Options, RETRY } from "./options";
import { RetryFields } from "./RetryFields";
import { Section } from "./Section";
import { kindIn } from "./schedule/schedule";

const BOUNDS = [
  ...(["start", "end", "maxRuns", "exclude", "spread"] as const),
  ...(["excludeCalendars", "requireCalendars"] as const),
];
const ALL = Object.keys(defaults) as (keyof Options)[];

/** What most tasks can leave as it is. It is open where something is set, or wrong; closed it says what is set. */
export function AdvancedFields({ fields }: { fields: Fields }) {
  const { form, errors } = fields;
  const draft = form.getValues();
  const isWrong = ALL.some((name) => form.errors[name] || errors.fields[name]);
  const [isOpen, setOpen] = useState(() => differs(draft, ALL));
  useEffect(() => {
    if (isWrong) setOpen(true);
  }, [isWrong]);
  const kind = kindIn(draft.schedule);
  const summary = summaryOf(draft);
  return (
    <Section title="Advanced" hint="Bounds, late runs, overlaps and failures.">
      <details
        className={classes.advanced}
        open={isOpen || isWrong}
        onToggle={(e) => setOpen(e.currentTarget.open)}
      >
        <summary>
          {isOpen ? "Hide" : "Show"} the advanced options
          <span className={classes.summary}>{summary.length > 0 ? summary.join(" · ") : "all as usual"}</span>
        </summary>
        {kind !== "manual" && (
          <>
            <Group title={kind === "at" ? "Place in time" : "Bounds"}>
              <BoundsFields fields={fields} />
            </Group>
            <Group title="Late runs">
              <MisfireFields form={form} />
            </Group>
          </>
        )}
        <Group title="Overlaps and failures">
          <RetryFields form={form} />
        </Group>
      </details>
    </Section>
  );
}

function Group({ title, children }: { title: string; children: ReactNode }) {
  return (
    <fieldset className={classes.group}>
      <legend>{title}</legend>
      {children}
    </fieldset>
  );
}

/** In a few words, what is not as usual. */
function summaryOf(draft: Draft): string[] {
  const overlaps: Record<Options["overlap"], string> = {
    allow: "",
    skip: "overlaps are skipped",
    queue_one: "one overlap waits",
    queue_all: "overlaps wait",
    replace: "a new run replaces the old one",
  };
  const kind = kindIn(draft.schedule);
  return [
    kind !== "at" && kind !== "manual" && differs(draft, BOUNDS) ? "bounded" : "",
    kind !== "manual" && differs(draft, MISFIRE) ? "late runs" : "",
    overlaps[draft.overlap],
    differs(draft, RETRY) ? `${draft.retryAttempts} attempts` : "",
    draft.maxFailures.trim() ? "paused after failures" : "",
    differs(draft, ["timeout"]) ? "time-out" : "",
  ].filter(Boolean);
}
