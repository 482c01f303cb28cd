import type { MantineColorScheme } from "@mantine/core";
import type { AnyRouter } from "@tanstack/react-router";
import { chooseZone } from "@/lib/zone";

/** One line of the palette. */
export type Command = { id: string; title: string; hint?: string; does: () => void };

type Navigate = (to: string) => void;

/** The pages, in the order of the navigation. `hint`: other words by which one may look for it. */
const pages = [
  ["/", "Overview", "promise, failing, late"],
  ["/tasks", "Tasks", "list"],
  ["/tasks?min_failures=1&sort=-failures", "Failing tasks", "failures, errors"],
  ["/tasks?late=true&sort=next_at", "Late tasks", "delay"],
  ["/tasks?state=paused", "Paused tasks", "stopped"],
  ["/runs", "Execution log", "runs, history"],
  ["/runs?state=failed", "Failed runs", "errors"],
  ["/missed", "Missed times", "outage, not run"],
  ["/upcoming", "Upcoming", "calendar, heat map, forecast"],
  ["/system", "System health", "partitions, lag, processes"],
  ["/system/dead-letters", "Dead letters", "unreadable, redrive"],
  ["/system/change-sets", "Change-sets", "bulk, undo"],
  ["/system/keys", "Keys", "roles, access"],
] as const;

export function pageCommands(go: Navigate): Command[] {
  return pages.map(([to, title, hint]) => ({ id: to, title, hint, does: () => go(to) }));
}

export function actionCommands(
  go: Navigate,
  color: (scheme: MantineColorScheme) => void,
  help: () => void,
): Command[] {
  return [
    { id: "new", title: "New task", hint: "create, add", does: () => go("/tasks/new") },
    { id: "import", title: "Import tasks", hint: "crontab, JSON, YAML", does: () => go("/import") },
    { id: "mine", title: "Show times by my clock", hint: "zone", does: () => chooseZone("mine") },
    { id: "task", title: "Show times by each task's clock", hint: "zone", does: () => chooseZone("task") },
    { id: "utc", title: "Show times in UTC", hint: "zone", does: () => chooseZone("utc") },
    { id: "light", title: "Light colours", hint: "theme", does: () => color("light") },
    { id: "dark", title: "Dark colours", hint: "theme", does: () => color("dark") },
    { id: "auto", title: "Colours of the system", hint: "theme", does: () => color("auto") },
    { id: "keys", title: "Keyboard shortcuts", hint: "help", does: help },
  ];
}

/** Those in whose words every word typed begins one; all where nothing is typed. */
export function matching(commands: readonly Command[], typed: string): Command[] {
  const wanted = words(typed);
  return commands.filter(({ title, hint }) => {
    const own = words(`${title} ${hint ?? ""}`);
    return wanted.every((one) => own.some((word) => word.startsWith(one)));
  });
}

function words(text: string): string[] {
  return text
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean);
}

/** Goes to an address of Tasker, with its search. */
export function goer(router: AnyRouter): Navigate {
  return (to) => void router.navigate({ href: to });
}
