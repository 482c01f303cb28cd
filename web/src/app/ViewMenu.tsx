import { ActionIcon, Popover, SegmentedControl, useMantineColorScheme } from "@mantine/core";
import { Icon } from "@/components/Icon";
import { chooseZone, useZoneChoice, viewerZone, type ZoneChoice } from "@/lib/zone";
import classes from "./ViewMenu.module.css";

const clocks: { value: ZoneChoice; label: string }[] = [
  { value: "mine", label: "Mine" },
  { value: "task", label: "The task's" },
  { value: "utc", label: "UTC" },
];
const explained: Record<ZoneChoice, string> = {
  mine: `Times are shown in ${viewerZone}.`,
  task: `Times of a task are shown by the clock of its schedule, all others in ${viewerZone}.`,
  utc: "Times are shown in UTC.",
};
const schemes = [
  { value: "auto", label: "As the system" },
  { value: "light", label: "Light" },
  { value: "dark", label: "Dark" },
];

/** By whose clock, and in which colours: kept in this browser. */
export function ViewMenu() {
  const choice = useZoneChoice();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <Popover
      position="bottom-end"
      withinPortal={false}
      width={300}
      trapFocus
      transitionProps={{ duration: 0 }}
    >
      <Popover.Target>
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label="Clock and colours">
          <Icon name="clock" />
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown>
        <div className={classes.part}>
          <strong id="whose-clock">Whose clock</strong>
          <SegmentedControl
            fullWidth
            aria-labelledby="whose-clock"
            data={clocks}
            value={choice}
            onChange={(value) => chooseZone(value as ZoneChoice)}
          />
          <p className="dim small">{explained[choice]}</p>
        </div>
        <div className={classes.part}>
          <strong id="which-colours">Colours</strong>
          <SegmentedControl
            fullWidth
            aria-labelledby="which-colours"
            data={schemes}
            value={colorScheme}
            onChange={(value) => setColorScheme(value as typeof colorScheme)}
          />
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}
