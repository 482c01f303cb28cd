import { Button, Group, Switch, TagsInput, Textarea, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { Banner } from "@/components/Banner";
import { Problem, textOf } from "@/lib/problem";
import type { Schedule } from "@/lib/task";
import { AdvancedFields } from "./AdvancedFields";
import type { Draft } from "./draft";
import { NotJson, scheduleOf } from "./draft";
import { HandlerFields } from "./HandlerFields";
import { LeaveGuard } from "./LeaveGuard";
import { errorsByField } from "./pointers";
import { ScheduleFields } from "./ScheduleFields";
import { Section } from "./Section";
import classes from "./TaskForm.module.css";
import { usePreview } from "./usePreview";

type Props = {
  initial: Draft;
  isNew: boolean;
  /** Sends the draft. What it throws is shown: a Problem beside the fields that it names. */
  onSave: (draft: Draft, schedule: Schedule) => Promise<void>;
  onCancel: () => void;
  children?: ReactNode;
};

const EMPTY = {
  cron: "Say when, such as */5 * * * * for every five minutes.",
  every: "Say how often.",
  at: "Say when, with date and time.",
};

export function TaskForm({ initial, isNew, onSave, onCancel, children }: Props) {
  const form = useForm<Draft>({ initialValues: initial });
  const preview = usePreview(form.getValues());
  const [rest, setRest] = useState<string[]>([]);
  const [refusals, setRefusals] = useState(0);
  const [busy, setBusy] = useState(false);
  const root = useRef<HTMLFormElement>(null);
  // Saving and Cancel lead away on purpose.
  const isLeaving = useRef(false);

  const refused = (error: unknown) => {
    const draft = form.getValues();
    if (error instanceof NotJson) {
      form.setErrors({ payload: error.message });
    } else if (error instanceof Problem && error.errors.length > 0) {
      const { fields, rest } = errorsByField(error.errors, draft);
      form.setErrors(fields);
      setRest(rest);
    } else if (error instanceof Problem && error.status === 409 && isNew) {
      form.setErrors({ id: error.message });
    } else {
      setRest([textOf(error)]);
    }
    setRefusals((n) => n + 1);
  };

  // To the first field that is wrong, once React has marked it.
  useEffect(() => {
    if (refusals > 0) root.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  }, [refusals]);

  const save = form.onSubmit(async (draft) => {
    setRest([]);
    const schedule = scheduleOf(draft);
    if (!schedule) {
      refused(new Problem(422, "", "", [{ pointer: "/schedule", message: EMPTY[draft.kind] }]));
      return;
    }
    setBusy(true);
    isLeaving.current = true;
    try {
      await onSave(draft, schedule);
    } catch (error) {
      refused(error);
    } finally {
      isLeaving.current = false;
      setBusy(false);
    }
  });

  return (
    <form ref={root} onSubmit={save} noValidate aria-label={isNew ? "New task" : "Edit task"}>
      <LeaveGuard isUnsaved={() => form.isDirty() && !isLeaving.current} />
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
      <ScheduleFields form={form} preview={preview} />
      <Section title="Do" hint="Who carries it out, and with what.">
        <HandlerFields form={form} />
        {isNew && (
          <Switch
            label="Start paused"
            description="Nothing fires until it is resumed."
            {...form.getInputProps("paused", { type: "checkbox" })}
          />
        )}
      </Section>
      <AdvancedFields form={form} serverErrors={preview.errors} />
      {children}
      {rest.length > 0 && (
        <Banner tone="bad" icon="warn">
          <strong>Not saved.</strong> {rest.join(" · ")}
        </Banner>
      )}
      <Group justify="flex-end" gap="xs" mt="lg">
        <Button
          variant="default"
          onClick={() => {
            isLeaving.current = true;
            onCancel();
          }}
        >
          Cancel
        </Button>
        <Button type="submit" loading={busy}>
          Save
        </Button>
      </Group>
    </form>
  );
}
