import { ActionIcon, Button, Popover, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useState } from "react";
import { Icon } from "@/components/Icon";
import { toInstant, toLocal } from "@/lib/localTime";
import { useZoneChoice, zoneOf } from "@/lib/zone";
import classes from "./TimeRange.module.css";

type Range = { from?: string; to?: string };

/** Two instants that bound a list, by the chosen clock. */
export function TimeRange({ from, to, onChange }: Range & { onChange: (range: Range) => void }) {
  const [isOpen, { toggle, close }] = useDisclosure(false);
  const choice = useZoneChoice();
  const isUtc = choice === "utc";
  return (
    <Popover
      opened={isOpen}
      onChange={(open) => !open && close()}
      withinPortal={false}
      trapFocus
      transitionProps={{ duration: 0 }}
    >
      <Popover.Target>
        <ActionIcon
          variant="default"
          size={36}
          aria-label="From … to …"
          aria-expanded={isOpen}
          onClick={toggle}
        >
          <Icon name="clock" />
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown>
        {isOpen && (
          <RangeForm
            key={`${from} ${to} ${isUtc}`}
            {...{ from, to, isUtc }}
            zone={zoneOf(choice)}
            onChange={(range) => {
              onChange(range);
              close();
            }}
          />
        )}
      </Popover.Dropdown>
    </Popover>
  );
}

type FormProps = Range & { isUtc: boolean; zone: string; onChange: (range: Range) => void };

function RangeForm({ from, to, isUtc, zone, onChange }: FormProps) {
  const [begin, setBegin] = useState(from ? toLocal(from, isUtc) : "");
  const [end, setEnd] = useState(to ? toLocal(to, isUtc) : "");
  const isBackwards = begin !== "" && end !== "" && begin >= end;
  return (
    <form
      className={classes.form}
      onSubmit={(e) => {
        e.preventDefault();
        if (isBackwards) return;
        onChange({ from: toInstant(begin, isUtc), to: toInstant(end, isUtc) });
      }}
    >
      <TextInput
        type="datetime-local"
        step={1}
        label="From"
        description={`In ${zone}.`}
        value={begin}
        onChange={(e) => setBegin(e.currentTarget.value)}
      />
      <TextInput
        type="datetime-local"
        step={1}
        label="Up to, without"
        value={end}
        error={isBackwards && "is not after the begin"}
        onChange={(e) => setEnd(e.currentTarget.value)}
      />
      <Button type="submit" disabled={isBackwards}>
        Show
      </Button>
    </form>
  );
}
