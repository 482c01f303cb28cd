import { ActionIcon, Button, Popover, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useState } from "react";
import { Icon } from "@/components/Icon";
import { useZoneChoice, zoneOf } from "@/lib/zone";
import { fromZoned, toZoned } from "@/lib/zonedTime";
import classes from "./TimeRange.module.css";

type Range = { from?: string; to?: string };

/** Two instants that bound a list, by the chosen clock. */
export function TimeRange({ from, to, onChange }: Range & { onChange: (range: Range) => void }) {
  const [isOpen, { toggle, close }] = useDisclosure(false);
  const zone = zoneOf(useZoneChoice());
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
            key={`${from} ${to} ${zone}`}
            {...{ from, to, zone }}
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

type FormProps = Range & { zone: string; onChange: (range: Range) => void };

function RangeForm({ from, to, zone, onChange }: FormProps) {
  const [was] = useState({ begin: from ? toZoned(from, zone) : "", end: to ? toZoned(to, zone) : "" });
  const [begin, setBegin] = useState(was.begin);
  const [end, setEnd] = useState(was.end);
  const isBackwards = begin !== "" && end !== "" && begin >= end;
  return (
    <form
      className={classes.form}
      onSubmit={(e) => {
        e.preventDefault();
        if (isBackwards) return;
        // A field has neither parts of a second nor which of two equal local times it means: what nobody has changed stays.
        onChange({
          from: begin === was.begin ? from : fromZoned(begin, zone),
          to: end === was.end ? to : fromZoned(end, zone),
        });
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
