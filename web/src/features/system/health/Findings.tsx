import { Link } from "@tanstack/react-router";
import { Card } from "@/components/Card";
import { Icon } from "@/components/Icon";
import { Sentence } from "@/components/Sentence";
import type { SystemInfo } from "@/lib/system";
import classes from "./SystemPage.module.css";

/** What is not as it should be, the worst first, and what to do. */
export function Findings({ system }: { system: SystemInfo }) {
  const { findings, missing, dead_letters } = system;
  return (
    <Card
      title="What stands out"
      action={
        dead_letters !== null &&
        dead_letters.total > 0 && (
          <Link to="/system/dead-letters">
            {dead_letters.total.toLocaleString("en-GB")} dead letters,{" "}
            {dead_letters.last_hour.toLocaleString("en-GB")} in the last hour
          </Link>
        )
      }
    >
      {findings.length === 0 && missing.length === 0 && (
        <p className={classes.healthy}>
          <Icon name="check" /> Everything is as it should be.
        </p>
      )}
      <ul className={classes.findings} aria-label="Findings">
        {missing.map(({ part, reason }) => (
          <li key={part} data-severity="red">
            <Icon name="away" />
            <span>
              <strong>{part === "kafka" ? "Kafka" : "MongoDB"} does not answer.</strong> {reason}
            </span>
          </li>
        ))}
        {findings.map(({ severity, component, partition, text, action }) => (
          <li key={`${component} ${partition} ${text}`} data-severity={severity}>
            <Icon name={severity === "red" ? "cross" : "warn"} />
            <div>
              <span className="sr-only">{severity === "red" ? "Red: " : "Yellow: "}</span>
              <Sentence text={text} />
              <div className={classes.action}>{action}</div>
            </div>
          </li>
        ))}
      </ul>
    </Card>
  );
}
