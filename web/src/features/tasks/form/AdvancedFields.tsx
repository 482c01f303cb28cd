import type { UseFormReturnType } from "@mantine/form";
import { type ReactNode, useEffect, useState } from "react";
import classes from "./AdvancedFields.module.css";
import { BoundsFields } from "./BoundsFields";
import type { Draft } from "./draft";
import { MisfireFields } from "./MisfireFields";
import { defaults, differs, MISFIRE, type Options, RETRY } from "./options";
import type { FieldErrors } from "./pointers";
import { RetryFields } from "./RetryFields";
import { Section } from "./Section";

const BOUNDS = ["start", "end", "maxRuns", "exclude", "spread"] as const;
const ALL = Object.keys(defaults) as (keyof Options)[];

type Form = UseFormReturnType<Draft>;

/** What most tasks can leave as it is. It is open where something is set, or wrong; closed it says what is set. */
export function AdvancedFields({ form, serverErrors }: { form: Form; serverErrors: FieldErrors }) {
  const draft = form.getValues();
  const isWrong = ALL.some((name) => form.errors[name] || serverErrors[name]);
  const [isOpen, setOpen] = useState(() => differs(draft, ALL));
  useEffect(() => {
    if (isWrong) setOpen(true);
  }, [isWrong]);
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
        <Group title={draft.kind === "at" ? "Place in time" : "Bounds"}>
          <BoundsFields form={form} serverErrors={serverErrors} />
        </Group>
        <Group title="Late runs">
          <MisfireFields form={form} />
        </Group>
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
  return [
    draft.kind !== "at" && differs(draft, BOUNDS) ? "bounded" : "",
    differs(draft, MISFIRE) ? "late runs" : "",
    overlaps[draft.overlap],
    differs(draft, RETRY) ? `${draft.retryAttempts} attempts` : "",
    draft.maxFailures.trim() ? "paused after failures" : "",
    differs(draft, ["timeout"]) ? "time-out" : "",
  ].filter(Boolean);
}
