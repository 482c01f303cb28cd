import { AnswerFields } from "./AnswerFields";
import { AuthFields } from "./AuthFields";
import { CallbackField } from "./CallbackField";
import { CallChoice, type CallForm, CallText, Notes } from "./CallFields";
import { ConnectionFields } from "./ConnectionFields";
import classes from "./HttpFields.module.css";
import { headersIn, headerText, jsonOrText, valueAt } from "./httpCall";
import { TemplateFields } from "./TemplateFields";

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
      <AuthFields form={form} />
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
      <AnswerFields form={form} />
      <CallbackField form={form} />
      <ConnectionFields form={form} />
    </>
  );
}

function BodyField({ form }: { form: CallForm }) {
  const body = valueAt(form.call, "body");
  const isText = typeof body === "string";
  const isBroken = isText && /^\s*[[{](?!\{)/.test(body);
  return (
    <div>
      <CallText form={form} path="body" label="Body" placeholder={'{"order": 42}'} isLong read={jsonOrText} />
      {body !== undefined && (
        <Notes isWarning={isBroken}>
          {isBroken
            ? "It begins like JSON and is not: it goes out as plain text."
            : `It goes out as ${isText ? "plain text" : "JSON"}.`}
        </Notes>
      )}
    </div>
  );
}
