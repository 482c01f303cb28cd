import { Autocomplete, Button, NativeSelect } from "@mantine/core";
import { randomId, useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useRef } from "react";
import { flushSync } from "react-dom";
import { Icon } from "@/components/Icon";
import { type StartsOn, titleOf } from "@/lib/task";
import { tasksQuery } from "../queries";
import classes from "./ChainFields.module.css";
import type { Link } from "./draft";
import { type Fields, focusAt, inputAt } from "./fields";

const MOST = 20;
const OFFERED = 8;
const outcomes: { value: StartsOn; label: string }[] = [
  { value: "succeeded", label: "when a run succeeded" },
  { value: "failed", label: "when a run failed for good" },
  { value: "any", label: "whichever way it ended" },
];

/** The tasks that are started when a run of this one has ended. */
export function ChainFields({ fields }: { fields: Fields }) {
  const { form, errors } = fields;
  const { successors } = form.getValues();
  const root = useRef<HTMLDivElement>(null);
  const error = form.errors.successors ?? errors.fields.successors;

  function add() {
    const link: Link = { task: "", on: "succeeded", key: randomId() };
    flushSync(() => form.insertListItem("successors", link));
    focusAt(root.current, `successors.${successors.length}.task`);
  }

  function remove(index: number) {
    flushSync(() => form.removeListItem("successors", index));
    focusAt(root.current, "successors");
  }

  return (
    <div ref={root} className={classes.links}>
      {successors.map((link, i) => (
        <fieldset key={link.key} className={classes.link}>
          <legend className="sr-only">Start {i + 1}</legend>
          <TaskField fields={fields} path={`successors.${i}.task`} own={form.getValues().id} />
          <NativeSelect label="When" data={outcomes} {...inputAt(fields, `successors.${i}.on`)} />
          <Button
            variant="subtle"
            color="gray"
            className={classes.remove}
            aria-label={`Remove start ${i + 1}`}
            leftSection={<Icon name="cross" size={14} />}
            onClick={() => remove(i)}
          >
            Remove
          </Button>
        </fieldset>
      ))}
      {error && (
        <p className={classes.wrong} role="alert">
          {error}
        </p>
      )}
      <div>
        <Button
          variant="default"
          data-path="successors"
          leftSection={<Icon name="plus" />}
          disabled={successors.length >= MOST}
          onClick={add}
        >
          Start another task
        </Button>
        {successors.length >= MOST && <span className={classes.most}>{MOST} are the most.</span>}
      </div>
    </div>
  );
}

/** A task by its id, found by words of its id or name. One that there is not yet may be named as well. */
function TaskField({ fields, path, own }: { fields: Fields; path: string; own: string }) {
  const { value, ...input } = inputAt(fields, path);
  const [settled] = useDebouncedValue(String(value).trim(), 250);
  const { data } = useQuery({
    ...tasksQuery({ q: settled || undefined }, OFFERED),
    refetchInterval: false,
    placeholderData: keepPreviousData,
  });
  const found = (data?.items ?? []).filter((task) => task.id !== own);
  const names = new Map(found.map((task) => [task.id, titleOf(task)]));
  return (
    <Autocomplete
      label="Task"
      placeholder="Id, or words of its name"
      data={[...names.keys()]}
      filter={({ options }) => options}
      withScrollArea={false}
      renderOption={({ option }) => (
        <span className={classes.option}>
          {names.get(option.value) ?? option.value}
          {names.get(option.value) !== option.value && <span className="mono dim">{option.value}</span>}
        </span>
      )}
      classNames={{ input: "mono" }}
      autoComplete="off"
      spellCheck={false}
      comboboxProps={{ withinPortal: false, hideDetached: false, transitionProps: { duration: 0 } }}
      value={String(value)}
      {...input}
    />
  );
}
