import { Card } from "@/components/Card";
import table from "@/components/Table.module.css";
import { WideTable } from "@/components/WideTable";
import { inWords } from "@/lib/duration";
import type { SystemInfo } from "@/lib/system";
import classes from "./SystemPage.module.css";

/** How far each consumer group is behind, by topic. */
export function Groups({ groups }: { groups: SystemInfo["groups"] }) {
  const rows = groups.flatMap((group) =>
    (group.lag.length > 0 ? group.lag : [null]).map((lag) => ({ group, lag })),
  );
  return (
    <Card title="Lag" about="records that a group has not passed yet">
      <div className={classes.wide}>
        <WideTable label="Lag by group and topic">
          <table className={`${table.table} ${table.rows}`}>
            <thead>
              <tr>
                <th scope="col">Group</th>
                <th scope="col">State</th>
                <th scope="col">Members</th>
                <th scope="col">Topic</th>
                <th scope="col">Records</th>
                <th scope="col">The oldest waits for</th>
              </tr>
            </thead>
            <tbody>
              {rows.map(({ group, lag }) => (
                <tr key={`${group.group} ${lag?.topic}`}>
                  <th scope="row" className="mono">
                    {group.group}
                  </th>
                  <td>{group.state}</td>
                  <td className={classes.amount}>{group.members}</td>
                  <td className="mono">{lag?.topic ?? "–"}</td>
                  <td className={classes.amount}>{lag?.records.toLocaleString("en-GB") ?? "0"}</td>
                  <td className={classes.amount}>
                    {lag && lag.records > 0 ? inWords(lag.oldest_seconds * 1_000) : "–"}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </WideTable>
      </div>
    </Card>
  );
}
