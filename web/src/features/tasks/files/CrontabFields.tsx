import { NativeSelect, TagsInput, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { handlersQuery } from "../queries";
import classes from "./ImportPage.module.css";
import type { CrontabOptions } from "./taskFile";

type Props = { options: CrontabOptions; onChange: (part: Partial<CrontabOptions>) => void };

/** What a crontab does not say of its tasks. */
export function CrontabFields({ options, onChange }: Props) {
  const handlers = useQuery(handlersQuery).data?.items.map(({ name }) => name) ?? [];
  return (
    <div className={classes.fields}>
      <NativeSelect
        label="Whose it is"
        value={options.form}
        onChange={(e) => onChange({ form: e.currentTarget.value as CrontabOptions["form"] })}
        data={[
          { value: "", label: "As its entries look" },
          { value: "user", label: "A user's (crontab -l)" },
          { value: "system", label: "The system's, with users" },
        ]}
      />
      <TextInput
        label="Time zone"
        description="Until its CRON_TZ. Empty: UTC."
        placeholder="Europe/Berlin"
        value={options.timezone}
        onChange={(e) => onChange({ timezone: e.currentTarget.value })}
      />
      <NativeSelect
        label="Handler of commands"
        description="Those that call one URL need none."
        value={options.handler}
        onChange={(e) => onChange({ handler: e.currentTarget.value })}
        data={[{ value: "", label: "None" }, ...handlers]}
      />
      <TextInput
        label="Before each id"
        description="May stay empty."
        placeholder="host-7-"
        classNames={{ input: "mono" }}
        value={options.prefix}
        onChange={(e) => onChange({ prefix: e.currentTarget.value })}
      />
      <TagsInput
        label="Tags of each task"
        placeholder="Tag, then Enter"
        value={options.tag}
        onChange={(tag) => onChange({ tag })}
      />
    </div>
  );
}
