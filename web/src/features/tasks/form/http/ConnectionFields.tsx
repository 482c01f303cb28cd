import { type CallForm, CallText, Notes } from "./CallFields";
import classes from "./HttpFields.module.css";
import { valueAt } from "./httpCall";

/** How the call reaches its server. Servers are always verified. */
export function ConnectionFields({ form }: { form: CallForm }) {
  const isUsed = ["proxy", "tls"].some(
    (path) => valueAt(form.call, path) !== undefined || form.errorAt(path),
  );
  return (
    <details className={classes.more} open={isUsed}>
      <summary>Connection: proxy, own authority, client certificate</summary>
      <div className={classes.inner}>
        <CallText form={form} path="proxy" label="Proxy" placeholder="http://proxy.example.com:3128" />
        <div className={classes.pair}>
          <CallText
            form={form}
            path="tls.ca"
            label="Authority of the server's certificate"
            description="A reference to PEM. Left empty: the usual ones."
            placeholder="secret://own-ca"
          />
          <CallText
            form={form}
            path="tls.server_name"
            label="Name in the server's certificate"
            description="Left empty: the host of the URL."
          />
          <CallText
            form={form}
            path="tls.certificate"
            label="Client certificate"
            description="A reference to PEM, with its key or without."
            placeholder="secret://client-certificate"
          />
          <CallText
            form={form}
            path="tls.key"
            label="Its key"
            description="A reference, where the key is apart."
            placeholder="secret://client-key"
          />
        </div>
        {form.errorAt("tls") && <Notes isWarning>{form.errorAt("tls")}</Notes>}
      </div>
    </details>
  );
}
