import { Card } from "@/components/Card";
import table from "@/components/Table.module.css";
import { WideTable } from "@/components/WideTable";
import { inWords } from "@/lib/duration";
import { useInstants } from "@/lib/instant";
import type { PartitionInfo } from "@/lib/system";
import classes from "./SystemPage.module.css";

const OLD_SECONDS = 10;

/** Where each partition stands: whose it is, and how far its time has come. */
export function Partitions({ partitions }: { partitions: readonly PartitionInfo[] }) {
  const { exact } = useInstants();
  return (
    <Card title="Partitions" about="the watermark is how far time has been dealt with">
      <div className={classes.wide}>
        <WideTable label="Partitions">
          <table className={`${table.table} ${table.rows}`}>
            <thead>
              <tr>
                <th scope="col">Partition</th>
                <th scope="col">Owner</th>
                <th scope="col">Watermark</th>
                <th scope="col">Tasks held</th>
                <th scope="col">Events waiting</th>
                <th scope="col">Canary</th>
                <th scope="col">Catching up</th>
              </tr>
            </thead>
            <tbody>
              {partitions.map((one) => (
                <tr key={one.partition}>
                  <th scope="row">{one.partition}</th>
                  <td className="mono">{one.owner ?? "nobody"}</td>
                  <td
                    className={(one.watermark_age_seconds ?? 0) > OLD_SECONDS ? classes.bad : classes.amount}
                    title={one.watermark ? exact(one.watermark) : undefined}
                  >
                    {one.watermark_age_seconds == null
                      ? "not known"
                      : `${inWords(one.watermark_age_seconds * 1_000)} old`}
                  </td>
                  <td className={classes.amount}>{one.held_tasks?.toLocaleString("en-GB") ?? "–"}</td>
                  <td className={classes.amount}>{one.waiting_events?.toLocaleString("en-GB") ?? "–"}</td>
                  <td className={classes.amount}>
                    {one.canary ? `${inWords(one.canary.late_seconds * 1_000)} late` : "–"}
                  </td>
                  <td>
                    {(one.catch_up ?? []).map((gap) => (
                      <div key={gap.from}>
                        {exact(gap.from)} to {exact(gap.to)}
                      </div>
                    ))}
                    {(one.catch_up ?? []).length === 0 && <span className="dim">no</span>}
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
