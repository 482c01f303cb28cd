import { SegmentedControl } from "@mantine/core";
import type { ReactNode } from "react";
import type { Handler } from "@/lib/task";
import type { Fields } from "../fields";
import { HttpFields } from "../http/HttpFields";
import { type Call, callOf, textOf, withValue } from "../http/httpCall";
import { JsonPayload } from "./JsonPayload";
import classes from "./Payload.module.css";
import { clearErrors, payloadError } from "./payloadErrors";
import { SchemaFields } from "./SchemaFields";
import { type SchemaForm, schemaForm } from "./simpleFields";

type Props = { fields: Fields; handler?: Handler };

/** The payload as JSON; by fields as well, where the handler has a form of its own or says what it takes. */
export function PayloadFields({ fields, handler }: Props) {
  const draft = fields.form.getValues();
  const isHttp = draft.handler === "http";
  const schema = isHttp ? null : schemaForm(handler?.payload_schema);
  if (!isHttp && !schema) return <JsonPayload fields={fields} handler={handler} />;
  const payload = callOf(draft.payload);
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
      {draft.payloadView === "fields" && !payload && (
        <p className={classes.note} data-broken>
          What is typed is no JSON object, so it has no fields: mend it as JSON.
        </p>
      )}
      {(draft.payloadView === "json" || !payload) && <JsonPayload fields={fields} handler={handler} />}
      {draft.payloadView === "fields" && payload && isHttp && <CallByFields fields={fields} call={payload} />}
      {draft.payloadView === "fields" && payload && schema && (
        <PayloadByFields fields={fields} payload={payload} schema={schema} />
      )}
    </>
  );
}

function CallByFields({ fields, call }: { fields: Fields; call: Call }) {
  const { form, errors } = fields;
  const whole = form.errors.payload ?? errors.fields.payload;
  return (
    <>
      <Wrong>{whole}</Wrong>
      <HttpFields
        form={{
          call,
          set: (path, value) => {
            form.setFieldValue("payload", textOf(withValue(call, path, value)));
            clearErrors(fields, `payload.${path}`);
          },
          errorAt: (path) => form.errors[`payload.${path}`] ?? errors.fields[`payload.${path}`],
        }}
      />
    </>
  );
}

function PayloadByFields({ fields, payload, schema }: { fields: Fields; payload: Call; schema: SchemaForm }) {
  const { form, errors } = fields;
  const names = schema.fields.map((field) => field.name);
  return (
    <>
      <Wrong>{payloadError(fields, names)}</Wrong>
      <SchemaFields
        form={schema}
        payload={payload}
        onChange={(changed) => {
          form.setFieldValue("payload", textOf(changed));
          for (const name of names)
            if (changed[name] !== payload[name]) clearErrors(fields, `payload.${name}`);
        }}
        errorAt={(name) =>
          String(form.errors[`payload.${name}`] ?? errors.fields[`payload.${name}`] ?? "") || undefined
        }
      />
    </>
  );
}

function Wrong({ children }: { children?: ReactNode }) {
  if (!children) return null;
  return (
    <p className={classes.wrong} role="alert">
      {children}
    </p>
  );
}
