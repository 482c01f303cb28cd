import { Link } from "@tanstack/react-router";
import { Page } from "@/components/Page";

export function NotFoundPage() {
  return (
    <Page title="There is no such page">
      <p>
        The address leads nowhere. Go to the <Link to="/tasks">tasks</Link> or the{" "}
        <Link to="/runs">execution log</Link>.
      </p>
    </Page>
  );
}
