import { Button, SegmentedControl } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { Banner } from "@/components/Banner";
import { Card } from "@/components/Card";
import { counted, type ImportItem, type ImportPlan } from "@/lib/changeSets/changeSet";
import classes from "./ImportPage.module.css";
import { PlanEntry } from "./PlanEntry";

const PORTION = 50;
const words = { create: "created", change: "changed", same: "unchanged", invalid: "invalid" } as const;
const actions = Object.keys(words) as ImportItem["action"][];

/** What an import would do with each entry of its file; `children` is the way to do it. */
export function PlanView({ plan, children }: { plan: ImportPlan; children: ReactNode }) {
  const [only, setOnly] = useState<ImportItem["action"] | "">(plan.counts.invalid ? "invalid" : "");
  const [shown, setShown] = useState(PORTION);
  const all = plan.items.filter(({ action }) => only === "" || action === only);
  const total = actions.reduce((sum, action) => sum + (plan.counts[action] ?? 0), 0);
  return (
    <Card
      title="What it would do"
      about={actions.map((action) => `${counted(plan.counts[action] ?? 0)} ${words[action]}`).join(", ")}
    >
      <div className={classes.parts}>
        {!plan.is_whole && (
          <Banner tone="bad" icon="warn">
            The file can't be read to its end, so that nothing of it can be applied.
          </Banner>
        )}
        <SegmentedControl
          aria-label="Which entries"
          size="xs"
          className={classes.which}
          data={[
            { value: "", label: "All" },
            ...actions
              .filter((action) => (plan.counts[action] ?? 0) > 0)
              .map((action) => ({ value: action, label: words[action] })),
          ]}
          value={only}
          onChange={(value) => {
            setOnly(value as typeof only);
            setShown(PORTION);
          }}
        />
        <ul className={classes.entries} aria-label="Entries">
          {all.slice(0, shown).map((item) => (
            <PlanEntry key={`${item.line} ${item.task_id}`} item={item} />
          ))}
        </ul>
        {all.length > shown && (
          <Button variant="default" onClick={() => setShown(shown + PORTION)}>
            Show more of {counted(all.length)}
          </Button>
        )}
        {total > plan.items.length && (
          <p className="dim">
            Only the first {counted(plan.items.length)} entries of {counted(total)} are shown here.
          </p>
        )}
        {children}
      </div>
    </Card>
  );
}
