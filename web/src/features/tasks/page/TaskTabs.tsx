import { Tabs } from "@mantine/core";
import type { ReactNode } from "react";
import { TABS, type Tab } from "./address";
import classes from "./TaskPage.module.css";

const names: Record<Tab, string> = {
  overview: "Overview",
  runs: "Runs",
  occurrences: "Occurrences",
  history: "History",
};

type Props = { tab: Tab; onTab: (tab: Tab) => void; panels: Record<Tab, () => ReactNode> };

/** The sides of a task; only the one that is shown is asked for. */
export function TaskTabs({ tab, onTab, panels }: Props) {
  return (
    <Tabs value={tab} onChange={(chosen) => onTab((chosen as Tab | null) ?? "overview")} keepMounted={false}>
      <Tabs.List className={classes.tabs}>
        {TABS.map((one) => (
          <Tabs.Tab key={one} value={one}>
            {names[one]}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {TABS.map((one) => (
        <Tabs.Panel key={one} value={one}>
          {one === tab && panels[one]()}
        </Tabs.Panel>
      ))}
    </Tabs>
  );
}
