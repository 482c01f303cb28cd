import { Failed } from "@/components/ListStates";
import { Page } from "@/components/Page";

/** What stands in a page's place when drawing it failed: a fault of this UI, not of the API. */
export function Broken({ error }: { error: unknown }) {
  return (
    <Page title="This page broke">
      <div className="sheet">
        <Failed title="It could not be drawn" error={error} onRetry={() => globalThis.location.reload()} />
      </div>
    </Page>
  );
}
