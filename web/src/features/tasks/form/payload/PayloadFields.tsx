import { SegmentedControl, Textarea } from "@mantine/core";
import type { Handler } from "@/lib/task";
import { type Draft, NotJson, payloadOf } from "../draft";
import { type Fields, inputAt } from "../fields";
import { isWithin } from "../http/fieldPaths";
import { HttpFields } from "../http/HttpFields";
import { callOf, textOf, withValue } from "../http/httpCall";
import classes from "./Payload.module.css";
import { PayloadHelp } from "./PayloadHelp";

type Props = { fields: Fields; handler?: Handler };

/** The payload as JSON; of a handler that has a form of its own, by that as well. */
export function PayloadFields({ fields, handler }: Props) {
  const draft = fields.form.getValues();
  if (draft.handler !== "http") return <JsonPayload fields={fields} handler={handler} />;
  const call = callOf(draft.payload);
  const { error } = inputAt(fields, "payload");
  return (
    <>
      <SegmentedControl
        aria-label="How the payload is edited"
        className={classes.view}
        data={[
          { value: "fields", label: "Fields" },
          { value: "json", label: "JSON" },
        ]}
        {...fields.form.getInputProps("payloadView")}
      />
      {draft.payloadView === "json" && <JsonPayload fields={fields} handler={handler} />}
      {draft.payloadView === "fields" && !call && (
        <p className={classes.note} data-broken>
          What is typed is no JSON object, so it has no fields: mend it as JSON.
        </p>
      )}
      {draft.payloadView === "fields" && call && (
        <>
          {error && (
            <p className={classes.wrong} role="alert">
              {error}
            </p>
          )}
          <HttpFields
            form={{
              call,
              set: (path, value) => {
                fields.form.setFieldValue("payload", textOf(withValue(call, path, value)));
                for (const wrong of Object.keys(fields.form.errors)) {
                  if (isWithin(wrong, `payload.${path}`)) fields.form.clearFieldError(wrong);
                }
              },
              errorAt: (path) => inputAt(fields, `payload.${path}`).error,
            }}
          />
        </>
      )}
    </>
  );
}

function JsonPayload({ fields, handler }: Props) {
  const { form } = fields;
  const draft = form.getValues();
  const hasSchema = Object.keys(handler?.payload_schema ?? {}).length > 0;
  return (
    <>
      <Textarea
        label="Payload"
        description={hasSchema ? "JSON, as the handler takes it." : "Any JSON, or nothing."}
        placeholder={hasSchema ? undefined : '{"greeting": "hello"}'}
        autosize
        minRows={4}
        maxRows={18}
        spellCheck={false}
        classNames={{ input: "mono" }}
        {...form.getInputProps("payload")}
        error={form.errors.payload ?? jsonError(draft)}
      />
      <PayloadHelp
        handler={draft.handler}
        schema={handler?.payload_schema}
        isEmpty={!draft.payload.trim()}
        onStart={(payload) => form.setFieldValue("payload", payload)}
      />
    </>
  );
}

function jsonError(draft: Draft): string | undefined {
  try {
    payloadOf(draft);
  } catch (error) {
    if (error instanceof NotJson) return error.message;
    throw error;
  }
}
