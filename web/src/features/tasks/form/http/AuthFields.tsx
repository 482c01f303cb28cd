import { NativeSelect } from "@mantine/core";
import { useState } from "react";
import { CallChoice, type CallForm, CallText } from "./CallFields";
import classes from "./HttpFields.module.css";
import { isObject, listed, listIn, valueAt } from "./httpCall";

const kinds = [
  { value: "", label: "says nothing" },
  { value: "basic", label: "user and password" },
  { value: "bearer", label: "bearer token" },
  { value: "oauth2", label: "OAuth 2 client credentials" },
] as const;
type Kind = (typeof kinds)[number]["value"];

/** How the call says who it is. Secrets are references: only the executor knows what they stand for. */
export function AuthFields({ form }: { form: CallForm }) {
  const [chosen, setChosen] = useState<Kind>("");
  const auth = valueAt(form.call, "auth");
  const stored = isObject(auth) ? Object.keys(auth)[0] : undefined;
  const kind = kinds.find((one) => one.value === stored)?.value ?? chosen;
  return (
    <>
      <NativeSelect
        label="Who is calling"
        data={kinds.map((one) => ({ ...one }))}
        value={kind}
        error={form.errorAt("auth")}
        data-path="payload.auth"
        onChange={(e) => {
          setChosen(e.currentTarget.value as Kind);
          form.set("auth", undefined);
        }}
      />
      {kind === "basic" && (
        <div className={classes.pair}>
          <CallText form={form} path="auth.basic.user" label="User" />
          <Secret form={form} path="auth.basic.password" label="Password" />
        </div>
      )}
      {kind === "bearer" && <Secret form={form} path="auth.bearer" label="Token" />}
      {kind === "oauth2" && <OAuth2Fields form={form} />}
      <CallText
        form={form}
        path="sign.secrets"
        label="Signature keys"
        description="Standard Webhooks. References; several while keys are exchanged. Left empty: not signed."
        placeholder="secret://shop-hook"
        errorPath="sign"
        show={listed}
        read={listIn}
      />
    </>
  );
}

function OAuth2Fields({ form }: { form: CallForm }) {
  return (
    <>
      <CallText
        form={form}
        path="auth.oauth2.token_url"
        label="Token URL"
        placeholder="https://login.example.com/oauth2/token"
      />
      <div className={classes.pair}>
        <CallText form={form} path="auth.oauth2.client_id" label="Client id" />
        <Secret form={form} path="auth.oauth2.client_secret" label="Client secret" />
        <CallText form={form} path="auth.oauth2.scope" label="Scope" />
        <CallText form={form} path="auth.oauth2.audience" label="Audience" />
        <CallChoice
          form={form}
          path="auth.oauth2.client_auth"
          label="The client names itself"
          data={[
            { value: "", label: "in the header Authorization" },
            { value: "post", label: "in the body" },
          ]}
        />
      </div>
    </>
  );
}

function Secret({ form, path, label }: { form: CallForm; path: string; label: string }) {
  return (
    <CallText form={form} path={path} label={label} placeholder="secret://name" description="A reference." />
  );
}
