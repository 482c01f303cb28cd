import { Button, NativeSelect } from "@mantine/core";
import { useRef } from "react";
import { flushSync } from "react-dom";
import { Icon } from "@/components/Icon";
import { type Fields, focusAt } from "../fields";
import classes from "./ScheduleFields.module.css";
import { SingleFields } from "./SingleFields";
import { SuggestionNote } from "./SuggestionNote";
import { MOST_MEMBERS, memberOf } from "./schedule";
import { blankSingle, MAIN, type SingleKind } from "./single";
import { ZoneField } from "./ZoneField";

const kinds: { value: SingleKind; label: string }[] = [
  { value: "cron", label: "Cron expression" },
  { value: "every", label: "Interval" },
  { value: "calendar", label: "Calendar interval" },
  { value: "at", label: "One time" },
];
const PATH = "schedule.members";

/** Several schedules of one task: it runs at the times of each, once where they coincide. */
export function SeveralFields({ fields }: { fields: Fields }) {
  const { form, errors } = fields;
  const { members } = form.getValues().schedule;
  const root = useRef<HTMLDivElement>(null);
  const error = form.errors[PATH] ?? errors.fields[PATH];

  function add() {
    flushSync(() => form.insertListItem(PATH, memberOf(blankSingle(""))));
    focusAt(root.current, `${PATH}.${members.length}.${MAIN.cron}`);
  }

  function remove(index: number) {
    flushSync(() => form.removeListItem(PATH, index));
    root.current?.querySelector<HTMLElement>("[data-add]")?.focus();
  }

  return (
    <div ref={root} className={classes.several}>
      <ZoneField
        fields={fields}
        path="schedule.timezone"
        description="For all schedules that name none of their own, and for bounds and what is left out."
      />
      {members.map((member, i) => (
        <fieldset key={member.key} className={classes.member}>
          <legend className="sr-only">Schedule {i + 1}</legend>
          <div className={classes.memberHead}>
            <strong aria-hidden="true">{i + 1}</strong>
            <NativeSelect aria-label="Kind" data={kinds} {...form.getInputProps(`${PATH}.${i}.kind`)} />
            <Button
              variant="subtle"
              color="gray"
              leftSection={<Icon name="cross" size={14} />}
              aria-label={`Remove schedule ${i + 1}`}
              onClick={() => remove(i)}
            >
              Remove
            </Button>
          </div>
          <SingleFields fields={fields} path={`${PATH}.${i}`} isMember />
        </fieldset>
      ))}
      {error && (
        <p className={classes.wrong} role="alert">
          {error}
        </p>
      )}
      <SuggestionNote fields={fields} path={PATH} />
      <div>
        <Button
          data-add
          data-path={PATH}
          variant="default"
          leftSection={<Icon name="plus" />}
          disabled={members.length >= MOST_MEMBERS}
          onClick={add}
        >
          Add a schedule
        </Button>
        {members.length >= MOST_MEMBERS && <span className={classes.most}>{MOST_MEMBERS} are the most.</span>}
      </div>
    </div>
  );
}
