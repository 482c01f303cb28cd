import { CopyText } from "@/components/CopyText";
import { JsonView } from "@/components/JsonView";
import type { Call } from "./call";
import { curlCommand } from "./curlCommand";
import { Headers } from "./Headers";
import classes from "./Http.module.css";
import { prettyJson } from "./prettyJson";

/** What a run sends, as its payload says it, and how to send it by hand. */
export function HttpRequest({ call }: { call: Call }) {
  const { command, leftOut } = curlCommand(call);
  const hasOpen = /secret:\/\/|\{\{/.test(command);
  return (
    <div className={classes.part}>
      <div className={classes.line}>
        <strong>{call.method}</strong> <span className="mono">{call.url}</span>
      </div>
      <Headers headers={call.headers} label="Request headers" />
      {call.body !== null && <JsonView value={prettyJson(call.body)} label="Request body" />}
      <div className={classes.copy}>
        <CopyText label="Copy as curl" text={command} />
        {hasOpen && (
          <span className="dim small">References to secrets and templates stay as they are in it.</span>
        )}
        {leftOut.length > 0 && <span className="dim small">Left out of it: {leftOut.join(", ")}.</span>}
      </div>
    </div>
  );
}
