import { Link } from "@tanstack/react-router";
import type { StartsOn, Task } from "@/lib/task";
import classes from "./TaskPage.module.css";

const ends: Record<StartsOn, string> = {
  succeeded: "when it succeeded",
  failed: "when it failed for good",
  any: "whichever way it ended",
};

/** The tasks whose ends start this one, and those that its ends start. */
export function Chains({ task }: { task: Task }) {
  const { then, preceded_by, missing_successors } = task;
  if (then.length === 0 && preceded_by.length === 0) return null;
  return (
    <section className={`sheet ${classes.card} ${classes.chains}`} aria-label="Chain">
      {preceded_by.length > 0 && <Links title="Starts after" links={preceded_by} />}
      {then.length > 0 && <Links title="Then starts" links={then} missing={missing_successors} />}
    </section>
  );
}

type Links = { title: string; links: { task: string; on?: StartsOn }[]; missing?: readonly string[] };

function Links({ title, links, missing = [] }: Links) {
  return (
    <div>
      <h2>{title}</h2>
      <ul>
        {links.map(({ task, on = "succeeded" }) => (
          <li key={`${task} ${on}`}>
            <Link to="/tasks/$taskId" params={{ taskId: task }} className="mono">
              {task}
            </Link>{" "}
            <span className="dim">{ends[on]}</span>
            {missing.includes(task) && <span className={classes.missing}> · there is no such task</span>}
          </li>
        ))}
      </ul>
    </div>
  );
}
