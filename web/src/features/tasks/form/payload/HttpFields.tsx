import { Switch } from "@mantine/core";
import { DurationField } from "../DurationField";
import { durationInputOf, durationOf } from "../durationInput";
import { CallChoice, type CallForm, CallText } from "./CallFields";
import classes from "./HttpFields.module.css";
import { headersIn, headerText, jsonOrText, listed, listIn, valueAt } from "./httpCall";
import notes from "./Payload.module.css";
import { TEMPLATES } from "./templates";
import { useTyped } from "./useTyped";

const methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"].map((name) => ({
  value: name,
  label: name,
}));

/** A call as `http` makes it. What has no field here is kept, and can be changed as JSON. */
export function HttpFields({ form }: { form: CallForm }) {
  return (
    <>
      <CallText form={form} path="url" label="URL" placeholder="https://example.com/report" />
      <div className={classes.pair}>
        <CallChoice
          form={form}
          path="method"
          label="Method"
          data={[{ value: "", label: "POST with a body, else GET" }, ...methods]}
        />
        <CallChoice
          form={form}
          path="redirects"
          label="Redirects"
          data={[
            { value: "", label: "are answers like others" },
            { value: "follow", label: "are followed, up to 5" },
          ]}
        />
      </div>
      <CallText
        form={form}
        path="headers"
        label="Headers"
        description="One a line. secret://name stands for a secret of the executor."
        placeholder={"Accept: application/json\nX-Api-Key: secret://shop-key"}
        isLong
        show={headerText}
        read={headersIn}
      />
      <BodyField form={form} />
      <TemplateFields form={form} />
      <CallText
        form={form}
        path="expect"
        label="Answers that are a success"
        description="Statuses and classes of them. Left empty: 2xx."
        placeholder="2xx, 409"
        show={listed}
        read={listIn}
      />
      <CallbackField form={form} />
    </>
  );
}

function BodyField({ form }: { form: CallForm }) {
  const body = valueAt(form.call, "body");
  const isText = typeof body === "string";
  const isBroken = isText && /^\s*[[{](?!\{)/.test(body);
  const note = isBroken
    ? "It begins like JSON and is not: it goes out as plain text."
    : isText
      ? "It goes out as plain text."
      : "It goes out as JSON.";
  return (
    <div>
      <CallText form={form} path="body" label="Body" placeholder={'{"order": 42}'} isLong read={jsonOrText} />
      {body !== undefined && (
        <p className={notes.note} data-broken={isBroken || undefined} role="status">
          {note}
        </p>
      )}
    </div>
  );
}

function TemplateFields({ form }: { form: CallForm }) {
  const isUsed = valueAt(form.call, "data") !== undefined || valueAt(form.call, "timezone") !== undefined;
  return (
    <details className={classes.more} open={isUsed}>
      <summary>Templates: what URL, headers and body can have filled in</summary>
      <dl className={classes.templates}>
        {TEMPLATES.map(([name, meaning]) => (
          <div key={name}>
            <dt className="mono">{`{{ ${name} }}`}</dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
      <div className={classes.inner}>
        <CallText
          form={form}
          path="data"
          label="Data"
          description="JSON, the fields that {{ payload.… }} names. A trigger's payload can replace them."
          placeholder={'{"customer": "ACME"}'}
          isLong
          read={jsonOrText}
        />
        <CallText
          form={form}
          path="timezone"
          label="Clock of dates in templates"
          description="A time zone. Left empty: UTC."
          placeholder="UTC"
        />
      </div>
    </details>
  );
}

const HOUR = { amount: "1", unit: "H" } as const;

function CallbackField({ form }: { form: CallForm }) {
  const timeout = valueAt(form.call, "callback.timeout");
  const isOn = valueAt(form.call, "callback") !== undefined;
  const [typed, setTyped] = useTyped(
    timeout,
    (value) => durationInputOf(String(value ?? "PT1H")),
    durationOf,
  );
  return (
    <>
      <Switch
        label="Its end is reported later"
        description="The target answers 202 and calls the URL in Tasker-Callback-Url when it is done."
        checked={isOn}
        onChange={(e) =>
          form.set("callback", e.currentTarget.checked ? { timeout: durationOf(HOUR) } : undefined)
        }
      />
      {isOn && (
        <DurationField
          label="Wait for the report"
          description="What has not come by then has failed."
          value={typed}
          error={form.errorAt("callback")}
          data-path="payload.callback"
          onChange={(chosen) => {
            setTyped(chosen);
            form.set("callback.timeout", durationOf(chosen));
          }}
        />
      )}
    </>
  );
}
