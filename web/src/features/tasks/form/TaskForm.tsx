import { Button, Group, Switch, TagsInput, Textarea, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { flushSync } from "react-dom";
import { Banner } from "@/components/Banner";
import { OperatorButton } from "@/components/OperatorButton";
import { isUnknown } from "@/lib/once";
import { Problem, type Suggestion, textOf } from "@/lib/problem";
import type { Schedule } from "@/lib/task";
import { AdvancedFields } from "./AdvancedFields";
import { ChainFields } from "./ChainFields";
import { useScheduleDiff } from "./diff/useScheduleDiff";
import type { Draft } from "./draft";
import { NotJson } from "./draft";
import { type Fields, type Form, focusAt } from "./fields";
import { LeaveGuard } from "./leaving/LeaveGuard";
import { isChanged } from "./leaving/unsaved";
import { HandlerFields } from "./payload/HandlerFields";
import { errorsByField, type FieldErrors } from "./pointers";
import { Section } from "./Section";
import { ScheduleFields } from "./schedule/ScheduleFields";
import { missingField, scheduleOf } from "./schedule/schedule";
import { MAIN } from "./schedule/single";
import { mended, understood } from "./schedule/suggestion";
import { usePreview } from "./schedule/usePreview";
import classes from "./TaskForm.module.css";

/** Goes on to another page. */
export type Leave = () => Promise<void>;

type Props = {
  /** What the form begins with; `isChanged` is counted from there. */
  initial: Draft;
  isNew: boolean;
  /**
   * Sends the draft, and says where to go on then; undefined: nowhere. What it throws is shown: a Problem beside the
   * fields that it names.
   */
  onSave: (draft: Draft, schedule: Schedule, form: Form) => Promise<Leave | undefined>;
  onCancel: () => void;
  /** What there is to know and to decide before it is saved. */
  children?: (form: Form) => ReactNode;
};

/** What to say beside the field of a schedule that is still empty. */
const EMPTY: Record<string, string> = {
  cron: "Say when, such as */5 * * * * for every five minutes.",
  every: "Say how often.",
  period: "Say how often.",
  at: "Say when, with date and time.",
  members: "Add a schedule at least.",
};

/** A new task is not made twice, and a change is refused where it was made already. */
const UNKNOWN = " Whether it was saved is unknown; to save again from here is safe.";

export function TaskForm({ initial, isNew, onSave, onCancel, children }: Props) {
  const form = useForm<Draft>({ initialValues: initial });
  const preview = usePreview(form.getValues());
  const diff = useScheduleDiff(initial, preview);
  const [rest, setRest] = useState<readonly string[]>([]);
  const [said, setSaid] = useState<FieldErrors["suggestions"]>({});
  const [announcement, setAnnouncement] = useState("");
  const [refusals, setRefusals] = useState(0);
  const [busy, setBusy] = useState(false);
  const root = useRef<HTMLFormElement>(null);
  // What stands on the server; until it is all that was typed, nobody leaves without being asked.
  const saved = useRef<Draft | null>(null);
  const isUnsaved = () => isChanged(form.getValues(), saved.current ?? initial);

  const show = (error: unknown) => {
    const draft = form.getValues();
    if (error instanceof NotJson) {
      form.setErrors({ payload: error.message });
    } else if (error instanceof Problem && error.errors.length > 0) {
      const { fields, suggestions, rest } = errorsByField(error.errors, draft);
      form.setErrors(fields);
      setSaid(suggestions);
      setRest(rest);
    } else if (error instanceof Problem && error.status === 409 && isNew) {
      form.setErrors({ id: error.message });
    } else {
      setRest([textOf(error) + (isUnknown(error) ? UNKNOWN : "")]);
    }
    setRefusals((n) => n + 1);
  };

  // To the first field that is wrong, once React has marked it.
  useEffect(() => {
    if (refusals > 0) root.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  }, [refusals]);

  const save = form.onSubmit(async (draft) => {
    setRest([]);
    setSaid({});
    const schedule = scheduleOf(draft);
    if (!schedule) {
      const missing = missingField(draft.schedule) ?? "";
      form.setFieldError(missing, EMPTY[missing.split(".").at(-1) ?? ""]);
      setRefusals((n) => n + 1);
      return;
    }
    setBusy(true);
    try {
      const leave = await onSave(draft, schedule, form);
      if (leave) saved.current = draft;
      await leave?.();
    } catch (error) {
      show(error);
    } finally {
      setBusy(false);
    }
  });

  /** With the press the button is gone: the focus goes to the field that it stood beside, and what was done is said. */
  function use(path: string, suggestion: Suggestion) {
    form.clearErrors();
    flushSync(() => form.setValues(mended(form.getValues(), suggestion)));
    setSaid({});
    setAnnouncement(`Now it is ${understood(suggestion)}.`);
    const { mode, single } = form.getValues().schedule;
    if (!focusAt(root.current, path) && mode === "single") {
      focusAt(root.current, `schedule.single.${MAIN[single.kind]}`);
    }
  }

  const errors: FieldErrors = {
    ...preview.errors,
    suggestions: { ...onlyWrong(said, form.errors), ...preview.errors.suggestions },
  };
  const fields: Fields = { form, errors, onUse: use };

  return (
    <form ref={root} onSubmit={save} noValidate aria-label={isNew ? "New task" : "Edit task"}>
      <LeaveGuard isUnsaved={isUnsaved} />
      <Section title="What" hint="How people find it. Everything here may stay empty.">
        <div className={classes.pair}>
          <TextInput label="Name" placeholder="Daily report" {...form.getInputProps("name")} />
          <TextInput
            label="Task id"
            inputWrapperOrder={["label", "input", "description", "error"]}
            description={isNew ? "Stays for good. Left empty, one is made." : "Stays for good."}
            placeholder="daily-report"
            disabled={!isNew}
            classNames={{ input: "mono" }}
            autoComplete="off"
            spellCheck={false}
            {...form.getInputProps("id")}
          />
        </div>
        <Textarea
          label="Description"
          autosize
          minRows={1}
          maxRows={8}
          {...form.getInputProps("description")}
        />
        <TagsInput
          label="Tags"
          placeholder="Type and press Enter"
          acceptValueOnBlur
          {...form.getInputProps("tags")}
        />
      </Section>
      <ScheduleFields fields={fields} preview={preview} diff={diff} announcement={announcement} />
      <Section title="Do" hint="Who carries it out, and with what.">
        <HandlerFields fields={fields} />
        {isNew && (
          <Switch
            label="Start paused"
            description="Nothing fires until it is resumed."
            {...form.getInputProps("paused", { type: "checkbox" })}
          />
        )}
      </Section>
      <Section title="Then" hint="Other tasks that it starts when one of its runs has ended for good.">
        <ChainFields fields={fields} />
      </Section>
      <AdvancedFields fields={fields} />
      {children?.(form)}
      {rest.length > 0 && (
        <Banner tone="bad" icon="warn">
          <strong>Not saved.</strong> {rest.join(" · ")}
        </Banner>
      )}
      <Group justify="flex-end" gap="xs" mt="lg">
        <Button variant="default" onClick={onCancel}>
          Cancel
        </Button>
        <OperatorButton type="submit" loading={busy}>
          Save
        </OperatorButton>
      </Group>
    </form>
  );
}

/** The suggestions of the last save whose fields have not been touched since. */
function onlyWrong(suggestions: FieldErrors["suggestions"], errors: Record<string, unknown>) {
  return Object.fromEntries(Object.entries(suggestions).filter(([path]) => errors[path]));
}
