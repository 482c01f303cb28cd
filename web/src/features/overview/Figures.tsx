import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { Icon, type IconName } from "@/components/Icon";
import { textOf } from "@/lib/problem";
import { counted, percent } from "@/lib/stats";
import { systemQuery } from "@/lib/system";
import classes from "./Figures.module.css";
import { countsQuery, promiseQuery, type Range } from "./queries";

const spans: Record<Range, string> = {
  "1h": "the last hour",
  "24h": "the last 24 hours",
  "7d": "the last 7 days",
};
const healths = {
  green: { tone: "ok", icon: "check", word: "Healthy" },
  yellow: { tone: "warn", icon: "warn", word: "Look at it" },
  red: { tone: "bad", icon: "cross", word: "In trouble" },
} as const;

/** The figures on top. Each leads to the list behind it. */
export function Figures({ range }: { range: Range }) {
  const promise = useQuery(promiseQuery(range));
  const counts = useQuery(countsQuery);
  const system = useQuery(systemQuery);
  const health = system.data && healths[system.data.state];
  const share = promise.data?.share ?? null;
  const found = counts.data;
  return (
    <ul className={classes.figures} aria-label="Figures">
      <Figure
        name="Executed and logged within 10 s"
        error={promise.error}
        isKnown={promise.data !== undefined}
      >
        <span className={classes.value} data-tone={share !== null && share < 0.999 ? "bad" : "ok"}>
          {share === null ? "–" : percent(share)}
        </span>
        <span className="dim small">
          {promise.data?.promised
            ? `of ${promise.data.promised.toLocaleString("en-GB")} runs in ${spans[range]}`
            : `nothing was due in ${spans[range]}`}
        </span>
      </Figure>
      <Figure name="Failing tasks" error={counts.error} isKnown={found !== undefined}>
        <Link to="/tasks" search={{ min_failures: "1", sort: "-failures" }} className={classes.link}>
          <Amount count={found?.failing} icon="cross" tone="bad" />
        </Link>
        <span className="dim small">failed since their last success</span>
      </Figure>
      <Figure name="Late tasks" error={counts.error} isKnown={found !== undefined}>
        <Link to="/tasks" search={{ late: "true", sort: "next_at" }} className={classes.link}>
          <Amount count={found?.late} icon="clock" tone="bad" />
        </Link>
        <span className="dim small">due more than 10 s ago</span>
      </Figure>
      <Figure name="Paused by failures" error={counts.error} isKnown={found !== undefined}>
        <Link to="/tasks" search={{ paused_by: "tasker" }} className={classes.link}>
          <Amount count={found?.paused_by_failures} icon="pause" tone="warn" />
        </Link>
        <span className="dim small">
          {found && `${counted(found.active)} active, ${counted(found.paused)} paused`}
        </span>
      </Figure>
      <Figure name="System" error={system.error} isKnown={system.data !== undefined}>
        {health && (
          <Link to="/system" className={classes.link}>
            <span className={classes.value} data-tone={health.tone}>
              <Icon name={health.icon} size={20} />
              {health.word}
            </span>
          </Link>
        )}
        <span className={`dim small ${classes.finding}`}>
          {system.data?.findings[0]?.text ?? "nothing stands out"}
        </span>
      </Figure>
    </ul>
  );
}

type AmountProps = { count: Parameters<typeof counted>[0] | undefined; icon: IconName; tone: string };

function Amount({ count, icon, tone }: AmountProps) {
  if (!count) return null;
  return (
    <span className={classes.value} data-tone={count.count > 0 ? tone : "ok"}>
      <Icon name={count.count > 0 ? icon : "check"} size={20} />
      {counted(count)}
    </span>
  );
}

type FigureProps = { name: string; error: unknown; isKnown: boolean; children: ReactNode };

function Figure({ name, error, isKnown, children }: FigureProps) {
  return (
    <li className={`sheet ${classes.figure}`} aria-label={name}>
      <span className={classes.name}>{name}</span>
      {isKnown && children}
      {!isKnown && !error && <span className={classes.ghost} role="status" aria-label="Loading" />}
      {!isKnown && Boolean(error) && (
        <span className={classes.trouble} role="alert">
          Not known: {textOf(error)}
        </span>
      )}
    </li>
  );
}
