import { Button } from "@mantine/core";
import { useId } from "react";
import type { Fields } from "../fields";
import classes from "./ScheduleFields.module.css";
import { understood } from "./suggestion";

/** What a refused field is taken to mean, and the press that puts it there. */
export function SuggestionNote({ fields, path }: { fields: Fields; path: string }) {
  const id = useId();
  const suggestion = fields.errors.suggestions[path];
  if (!suggestion) return null;
  return (
    <div className={classes.suggestion}>
      <span id={id}>
        Understood: <span className="mono">{understood(suggestion)}</span>
      </span>
      <Button size="compact-sm" aria-describedby={id} onClick={() => fields.onUse(path, suggestion)}>
        Use this
      </Button>
    </div>
  );
}
