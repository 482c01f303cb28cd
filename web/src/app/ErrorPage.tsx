import { Failed } from "@/components/ListStates";
import { Page } from "@/components/Page";

/** The page when drawing one failed: a fault of this UI, not of the API. */
export function ErrorPage({ error }: { error: unknown }) {
  return (
    <Page title="This page broke">
      <div className="sheet">
        <Failed title="It could not be drawn" error={error} onRetry={() => globalThis.location.reload()} />
      </div>
    </Page>
  );
}
