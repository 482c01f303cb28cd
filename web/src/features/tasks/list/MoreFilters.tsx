import { Button, NativeSelect, Popover, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { Icon } from "@/components/Icon";
import { LAST_OUTCOMES, type LastOutcome } from "@/lib/run";
import { handlersQuery } from "../queries";
import type { TaskFilters } from "./filters";
import classes from "./MoreFilters.module.css";

type Props = { filters: TaskFilters; onChange: (part: TaskFilters) => void };

/** How the newest run that has ended did, in words. */
export function outcomeWord(outcome: LastOutcome): string {
  return outcome === "none" ? "none has ended" : outcome;
}

/** Filters that are asked for now and then. */
export function MoreFilters({ filters, onChange }: Props) {
  const [isOpen, { toggle, close }] = useDisclosure(false);
  const { handler, last_outcome, min_failures, paused_by, tag = [] } = filters;
  const count = [handler, last_outcome, min_failures, paused_by].filter(Boolean).length + tag.length;
  return (
    <Popover
      opened={isOpen}
      onChange={(open) => !open && close()}
      position="bottom-start"
      withinPortal={false}
      hideDetached={false}
      trapFocus
      transitionProps={{ duration: 0 }}
    >
      <Popover.Target>
        <Button
          variant="default"
          rightSection={<Icon name="down" size={12} />}
          aria-expanded={isOpen}
          onClick={toggle}
        >
          {count > 0 ? `Filters (${count})` : "Filters"}
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        {isOpen && <Fields filters={filters} onChange={onChange} onDone={close} />}
      </Popover.Dropdown>
    </Popover>
  );
}

function Fields({ filters, onChange, onDone }: Props & { onDone: () => void }) {
  const handlers = useQuery(handlersQuery).data?.items.map((h) => h.name) ?? [];
  const known =
    filters.handler && !handlers.includes(filters.handler) ? [...handlers, filters.handler] : handlers;
  const { tag = [] } = filters;
  return (
    <div className={classes.fields}>
      <NativeSelect
        label="Handler"
        value={filters.handler ?? ""}
        onChange={(e) => onChange({ handler: e.currentTarget.value || undefined })}
        data={[{ value: "", label: "Any" }, ...known]}
      />
      <NativeSelect
        label="Last outcome"
        value={filters.last_outcome ?? ""}
        onChange={(e) => onChange({ last_outcome: (e.currentTarget.value as LastOutcome) || undefined })}
        data={[
          { value: "", label: "Any" },
          ...LAST_OUTCOMES.map((outcome) => ({ value: outcome, label: outcomeWord(outcome) })),
        ]}
      />
      <NativeSelect
        label="Failures in a row"
        value={filters.min_failures ?? ""}
        onChange={(e) => onChange({ min_failures: Number(e.currentTarget.value) || undefined })}
        data={[{ value: "", label: "Any" }, ...leastFailures(filters.min_failures)]}
      />
      <Typed label="Paused by" value={filters.paused_by} onSet={(paused_by) => onChange({ paused_by })} />
      <Typed label="Tag" onSet={(one) => one && onChange({ tag: [...new Set([...tag, one])] })} />
      <Button variant="default" onClick={onDone}>
        Done
      </Button>
    </div>
  );
}

function leastFailures(asked?: number) {
  const numbers = [...new Set([1, 2, 3, 5, 10, ...(asked ? [asked] : [])])].sort((a, b) => a - b);
  return numbers.map((n) => ({ value: String(n), label: `${n}+` }));
}

type TypedProps = { label: string; value?: string; onSet: (value?: string) => void };

/** Set by Enter, or by going on: what is typed is not lost when the filters are closed. */
function Typed({ label, value, onSet }: TypedProps) {
  function set(field: HTMLInputElement) {
    const typed = field.value.trim();
    if (typed !== (value ?? "")) onSet(typed || undefined);
    if (value === undefined) field.value = "";
  }
  return (
    <TextInput
      key={value}
      label={label}
      placeholder="then Enter"
      defaultValue={value}
      onBlur={(e) => set(e.currentTarget)}
      onKeyDown={(e) => e.key === "Enter" && set(e.currentTarget)}
    />
  );
}
