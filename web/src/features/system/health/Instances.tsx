import { Card } from "@/components/Card";
import table from "@/components/Table.module.css";
import { WideTable } from "@/components/WideTable";
import { inWords } from "@/lib/duration";
import type { SystemInfo } from "@/lib/system";
import classes from "./SystemPage.module.css";

/** What runs where, and in which version. */
export function Instances({ instances }: { instances: SystemInfo["instances"] }) {
  return (
    <Card title="Processes" about="of the API the one that answers">
      <div className={classes.wide}>
        <WideTable label="Processes">
          <table className={`${table.table} ${table.rows}`}>
            <thead>
              <tr>
                <th scope="col">Service</th>
                <th scope="col">Process</th>
                <th scope="col">Version</th>
                <th scope="col">Host</th>
                <th scope="col">Partitions</th>
                <th scope="col">Clock</th>
              </tr>
            </thead>
            <tbody>
              {instances.map((one) => (
                <tr key={`${one.service} ${one.instance}`}>
                  <th scope="row">{one.service}</th>
                  <td className="mono">{one.instance}</td>
                  <td className="mono">{one.version}</td>
                  <td className="mono">{one.host ?? "–"}</td>
                  <td className={classes.amount}>{one.partitions ?? "–"}</td>
                  <td className={classes.amount}>
                    {one.clock_offset_ms === null || one.clock_offset_ms === undefined
                      ? "–"
                      : `${inWords(one.clock_offset_ms)} ${one.clock_offset_ms < 0 ? "behind" : "ahead"}`}
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
