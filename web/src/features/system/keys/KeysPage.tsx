import { useQuery } from "@tanstack/react-query";
import { Banner } from "@/components/Banner";
import { Empty, Failed, Loading } from "@/components/ListStates";
import { Page } from "@/components/Page";
import table from "@/components/Table.module.css";
import { Tags } from "@/components/Tags";
import { WideTable } from "@/components/WideTable";
import { useInstants } from "@/lib/instant";
import { useReasonAgainst } from "@/lib/session";
import classes from "../health/SystemPage.module.css";
import { keysQuery } from "../queries";
import { SystemTabs } from "../SystemTabs";

/** Whose keys there are, and what each may do. */
export function KeysPage() {
  const reason = useReasonAgainst("admin");
  return (
    <Page title="System">
      <SystemTabs />
      <div className="sheet">{reason ? <Empty title="Keys are for admins">{reason}</Empty> : <Keys />}</div>
    </Page>
  );
}

function Keys() {
  const { data, error, isPending, refetch } = useQuery(keysQuery);
  const { exact } = useInstants();
  if (isPending) return <Loading label="Loading keys" rows={3} />;
  if (!data) return <Failed title="The keys can't be shown" error={error} onRetry={() => void refetch()} />;
  if (!data.keys) {
    return (
      <Empty title="There are no keys here">
        Everybody who reaches this API may do everything. Before others can reach it, make keys by{" "}
        <code className="mono">tasker keys create NAME --role admin --file FILE</code> and set{" "}
        <code className="mono">TASKER_API_KEYS_FILE</code>.
      </Empty>
    );
  }
  return (
    <>
      {data.trouble && (
        <Banner tone="bad" icon="warn">
          {data.trouble} The keys before it stay in force.
        </Banner>
      )}
      <WideTable label="Keys">
        <table className={`${table.table} ${table.rows}`}>
          <caption className="sr-only">Keys by name</caption>
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">Role</th>
              <th scope="col">Only tasks tagged</th>
              <th scope="col">Requests a second</th>
              <th scope="col">Made</th>
              <th scope="col">Expires</th>
              <th scope="col">Id</th>
            </tr>
          </thead>
          <tbody>
            {data.items.map((key) => (
              <tr key={key.id}>
                <th scope="row">{key.name}</th>
                <td>{key.role}</td>
                <td>
                  {key.tags.length > 0 ? <Tags tags={key.tags} /> : <span className="dim">all tasks</span>}
                </td>
                <td className={classes.amount}>
                  {key.requests_per_second ?? <span className="dim">no limit</span>}
                </td>
                <td>{exact(key.created_at)}</td>
                <td className={key.is_expired ? classes.bad : undefined}>
                  {key.expires_at ? exact(key.expires_at) : <span className="dim">never</span>}
                  {key.is_expired && " (has expired)"}
                </td>
                <td className="mono">{key.id}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </WideTable>
    </>
  );
}
