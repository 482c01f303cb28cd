import { Link } from "@tanstack/react-router";
import type { AlertContent, AlertedChange } from "@/lib/alert";
import classes from "./RunInspector.module.css";

/** What a run tells somebody, each change with a link to its task. */
export function AlertedTasks({ content }: { content: AlertContent }) {
  return (
    <section className={classes.part} aria-label="Tells">
      <h3>Tells</h3>
      <ul className={classes.told}>
        {content.changes.map((change) => (
          <li key={`${change.taskId} ${change.text}`}>
            <Told change={change} />
          </li>
        ))}
        {content.more > 0 && <li className="dim">and {content.more.toLocaleString("en")} more</li>}
      </ul>
    </section>
  );
}

/** The sentence, in which the task that it begins with is the link. */
function Told({ change }: { change: AlertedChange }) {
  const { taskId, taskName, text } = change;
  const name = taskName && taskName !== taskId ? `${taskName} (${taskId})` : taskId;
  return (
    <>
      <Link to="/tasks/$taskId" params={{ taskId }}>
        {name}
      </Link>
      {text.startsWith(name) ? text.slice(name.length) : ` ${text}`}
    </>
  );
}
