import { Checkbox, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { OperatorButton } from "@/components/OperatorButton";
import { type ChangeSet, type ImportPlan, tasksOf } from "@/lib/changeSets/changeSet";
import { freshId } from "@/lib/freshId";
import { textOf, Unreachable } from "@/lib/problem";
import classes from "./ImportPage.module.css";
import { applyImport, type TaskFile } from "./taskFile";

type Props = { file: TaskFile; plan: ImportPlan; onBegun: (begun: ChangeSet | { id: string }) => void };

/** The way to do what was planned. */
export function ApplyPlan({ file, plan, onBegun }: Props) {
  const [skipsInvalid, setSkips] = useState(false);
  const [note, setNote] = useState("");
  const [id, setId] = useState(freshId);
  const { create = 0, change = 0, invalid = 0 } = plan.counts;
  const apply = useMutation({
    mutationFn: () => applyImport(file, { plan: plan.plan, id, skipsInvalid, note }),
    onSuccess: (begun) => onBegun("state" in begun ? begun : { id }),
  });
  /** Another request has another name. */
  function anew() {
    apply.reset();
    setId(freshId());
  }
  if (!plan.is_whole) return null;
  if (create + change === 0) return <p className={classes.text}>There is nothing to do.</p>;
  return (
    <div className={classes.apply}>
      <TextInput
        label="Why (may stay empty)"
        maxLength={1000}
        value={note}
        onChange={(e) => {
          setNote(e.currentTarget.value);
          anew();
        }}
      />
      {invalid > 0 && (
        <Checkbox
          label={`Leave out the ${invalid === 1 ? "entry that is" : `${invalid} entries that are`} invalid`}
          description="Else nothing is applied."
          checked={skipsInvalid}
          onChange={(e) => {
            setSkips(e.currentTarget.checked);
            anew();
          }}
        />
      )}
      {apply.error && (
        <p className={classes.bad} role="alert">
          {textOf(apply.error)}
          {apply.error instanceof Unreachable &&
            " Whether it has begun is unknown; to try again from here is safe."}
        </p>
      )}
      <OperatorButton
        disabled={invalid > 0 && !skipsInvalid}
        loading={apply.isPending}
        onClick={() => apply.mutate()}
      >
        Import {tasksOf(create + change)}
      </OperatorButton>
    </div>
  );
}
