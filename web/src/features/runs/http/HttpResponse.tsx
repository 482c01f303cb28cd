import { Icon } from "@/components/Icon";
import { JsonView } from "@/components/JsonView";
import { inWords } from "@/lib/duration";
import { Headers } from "./Headers";
import classes from "./Http.module.css";
import { prettyJson } from "./prettyJson";
import type { Response } from "./response";

/** What came back: status, time, headers and body. */
export function HttpResponse({ response }: { response: Response }) {
  const { url, status, headers, body, truncated, redirects = 0, elapsed_ms } = response;
  const isGood = status < 400;
  return (
    <div className={classes.part}>
      <div className={classes.line}>
        <span className={classes.status} data-good={isGood || undefined}>
          <Icon name={isGood ? "check" : "cross"} size={14} /> {status}
        </span>
        {elapsed_ms !== undefined && <span>in {inWords(elapsed_ms)}</span>}
        {redirects > 0 && (
          <span className="dim">
            after {redirects} {redirects === 1 ? "redirect" : "redirects"}
          </span>
        )}
        <span className="mono dim">{url}</span>
      </div>
      <Headers headers={Object.entries(headers)} label="Response headers" />
      {body === "" ? (
        <span className="dim">No body.</span>
      ) : (
        <JsonView value={prettyJson(body)} label="Response body" />
      )}
      {truncated && <span className="dim small">There was more of it: only the first 64 KiB are kept.</span>}
    </div>
  );
}
