import { Button, Checkbox, NativeSelect, TextInput } from "@mantine/core";
import { useState } from "react";
import classes from "./CronBuilder.module.css";
import { first, kinds } from "./choices";
import { cronOf, DAYS, daysIn, MONTHS, type Repeat, type RepeatKind, repeatOf, STEPS } from "./repeat";

type Props = { cron: string; onChange: (cron: string) => void };

/** Writes a cron expression, and shows one that is typed. What it can't show, it leaves as it is and says so. */
export function CronBuilder({ cron, onChange }: Props) {
  // What was typed and a choice here has replaced.
  const [replaced, setReplaced] = useState<string | null>(null);
  const repeat = repeatOf(cron);
  const isOther = !repeat && cron.trim() !== "";

  function begin(kind: RepeatKind) {
    if (isOther) setReplaced(cron);
    onChange(cronOf(first(kind, repeat)));
  }

  return (
    <div className={classes.builder}>
      <div className={classes.row}>
        <NativeSelect
          label="Repeats"
          data={[...(repeat ? [] : [{ value: "", label: isOther ? "as written" : "choose…" }]), ...kinds]}
          value={repeat?.kind ?? ""}
          onChange={(e) => e.currentTarget.value && begin(e.currentTarget.value as RepeatKind)}
        />
        {repeat && <RepeatFields repeat={repeat} onChange={(next) => onChange(cronOf(next))} />}
      </div>
      {isOther && (
        <p className={classes.note}>
          These choices can't say this expression. It holds as it is written; the preview tells what it means.
        </p>
      )}
      {replaced !== null && replaced !== cron && (
        <p className={classes.note}>
          It was <span className="mono">{replaced}</span>.{" "}
          <Button size="compact-xs" variant="default" onClick={() => onChange(replaced)}>
            Write it again
          </Button>
        </p>
      )}
    </div>
  );
}

type FieldsProps<R> = { repeat: R; onChange: (repeat: R) => void };

function RepeatFields({ repeat, onChange }: FieldsProps<Repeat>) {
  switch (repeat.kind) {
    case "seconds":
    case "minutes":
      return <StepField repeat={repeat} onChange={onChange} />;
    case "hours":
      return (
        <>
          <StepField repeat={repeat} onChange={onChange} />
          <NumberChoice
            label="At minute"
            most={59}
            least={0}
            value={repeat.minute}
            onChange={(minute) => onChange({ ...repeat, minute })}
          />
        </>
      );
    case "daily":
      return <TimeField repeat={repeat} onChange={onChange} />;
    case "weekly":
      return (
        <>
          <TimeField repeat={repeat} onChange={onChange} />
          <DayChoice repeat={repeat} onChange={onChange} />
        </>
      );
    case "monthly":
      return (
        <>
          <NativeSelect
            label="On day"
            data={[...numbers(1, 31), { value: "L", label: "the last" }]}
            value={String(repeat.day)}
            onChange={({ currentTarget: { value } }) =>
              onChange({ ...repeat, day: value === "L" ? "L" : Number(value) })
            }
          />
          <TimeField repeat={repeat} onChange={onChange} />
          {repeat.day !== "L" && repeat.day > 28 && (
            <p className={classes.note}>Months without that day are left out; “the last” takes each month.</p>
          )}
        </>
      );
    case "yearly":
      return (
        <>
          <NativeSelect
            label="In"
            data={MONTHS.map((label, i) => ({ value: String(i + 1), label }))}
            value={String(repeat.month)}
            onChange={({ currentTarget: { value } }) => {
              const month = Number(value);
              onChange({ ...repeat, month, day: Math.min(repeat.day, daysIn(month)) });
            }}
          />
          <NumberChoice
            label="On day"
            least={1}
            most={daysIn(repeat.month)}
            value={repeat.day}
            onChange={(day) => onChange({ ...repeat, day })}
          />
          <TimeField repeat={repeat} onChange={onChange} />
        </>
      );
  }
}

function StepField({ repeat, onChange }: FieldsProps<Extract<Repeat, { every: number }>>) {
  return (
    <NativeSelect
      label="Every"
      data={STEPS[repeat.kind].map((every) => ({
        value: String(every),
        label: `${every} ${every === 1 ? repeat.kind.slice(0, -1) : repeat.kind}`,
      }))}
      value={String(repeat.every)}
      onChange={(e) => onChange({ ...repeat, every: Number(e.currentTarget.value) })}
    />
  );
}

function TimeField<R extends Extract<Repeat, { time: string }>>({ repeat, onChange }: FieldsProps<R>) {
  return (
    <TextInput
      type="time"
      label="At"
      classNames={{ input: "num" }}
      value={repeat.time}
      // While it is typed there may be no time: then the one before stays.
      onChange={({ currentTarget: { value } }) =>
        /^\d\d:\d\d$/.test(value) && onChange({ ...repeat, time: value })
      }
    />
  );
}

function DayChoice({ repeat, onChange }: FieldsProps<Extract<Repeat, { kind: "weekly" }>>) {
  return (
    <Checkbox.Group
      label="On"
      className={classes.days}
      value={repeat.days.map(String)}
      // The last day stays: on no day at all is no schedule.
      onChange={(days) => days.length > 0 && onChange({ ...repeat, days: days.map(Number).sort() })}
    >
      <div className={classes.dayList}>
        {[1, 2, 3, 4, 5, 6, 0].map((day) => (
          <Checkbox key={day} value={String(day)} label={DAYS[day]} />
        ))}
      </div>
    </Checkbox.Group>
  );
}

type NumberProps = {
  label: string;
  least: number;
  most: number;
  value: number;
  onChange: (value: number) => void;
};

function NumberChoice({ label, least, most, value, onChange }: NumberProps) {
  return (
    <NativeSelect
      label={label}
      data={numbers(least, most)}
      value={String(value)}
      onChange={(e) => onChange(Number(e.currentTarget.value))}
    />
  );
}

function numbers(least: number, most: number): { value: string; label: string }[] {
  return Array.from({ length: most - least + 1 }, (_, i) => String(least + i)).map((value) => ({
    value,
    label: value,
  }));
}
