import { Button, CloseButton, Menu } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { Guarded } from "@/components/Guarded";
import { Icon, type IconName } from "@/components/Icon";
import { type BulkAction, tasksOf } from "@/lib/changeSets/changeSet";
import classes from "./Bulk.module.css";
import type { Selection } from "./useSelection";

const actions: { action: BulkAction; label: string; icon: IconName; isRed?: boolean }[] = [
  { action: "pause", label: "Pause…", icon: "pause" },
  { action: "resume", label: "Resume…", icon: "play" },
  { action: "trigger", label: "Run now…", icon: "bolt" },
  { action: "tag", label: "Tags…", icon: "flag" },
  { action: "spread", label: "Spread…", icon: "half" },
  { action: "delete", label: "Delete…", icon: "trash", isRed: true },
];

type Props = {
  selection: Selection;
  /** There are more than those that are shown; null where they can't be chosen by a filter, with the reason. */
  whole: { label: string; reasonAgainst: string | null } | null;
  onPick: (action: BulkAction) => void;
};

/** What can be done to the tasks that are selected. */
export function BulkBar({ selection, whole, onPick }: Props) {
  const isNarrow = useMediaQuery("(max-width: 860px)");
  if (selection.ids.length === 0) return null;
  return (
    <section className={classes.bar} aria-label="Selected tasks">
      <div className={classes.chosen}>
        <CloseButton size="sm" aria-label="Clear the selection" onClick={selection.clear} />
        <strong role="status">
          {selection.isWhole ? "All that match" : `${tasksOf(selection.ids.length)} selected`}
        </strong>
        {!selection.isPage && (
          <button type="button" className={classes.link} onClick={() => selection.choosePage(true)}>
            Select this page
          </button>
        )}
        {whole && !selection.isWhole && !whole.reasonAgainst && (
          <button type="button" className={classes.link} onClick={selection.chooseWhole}>
            {whole.label}
          </button>
        )}
        {whole?.reasonAgainst && <span className="dim small">{whole.reasonAgainst}</span>}
      </div>
      {isNarrow ? (
        <Guarded needs="operator">
          {(isOff) => (
            <Menu
              position="top-end"
              withinPortal={false}
              hideDetached={false}
              transitionProps={{ duration: 0 }}
            >
              <Menu.Target>
                <Button disabled={isOff} rightSection={<Icon name="up" size={12} />}>
                  Do
                </Button>
              </Menu.Target>
              <Menu.Dropdown>
                {actions.map(({ action, label, icon, isRed }) => (
                  <Menu.Item
                    key={action}
                    className={isRed ? classes.red : undefined}
                    leftSection={<Icon name={icon} />}
                    onClick={() => onPick(action)}
                  >
                    {label}
                  </Menu.Item>
                ))}
              </Menu.Dropdown>
            </Menu>
          )}
        </Guarded>
      ) : (
        <div className={classes.actions}>
          {actions.map(({ action, label, icon, isRed }) => (
            <Guarded key={action} needs="operator">
              {(isOff) => (
                <Button
                  size="xs"
                  variant="default"
                  className={isRed ? classes.red : undefined}
                  leftSection={<Icon name={icon} size={14} />}
                  disabled={isOff}
                  onClick={() => onPick(action)}
                >
                  {label}
                </Button>
              )}
            </Guarded>
          ))}
        </div>
      )}
    </section>
  );
}
