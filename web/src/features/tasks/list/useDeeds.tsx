import { useMutationState } from "@tanstack/react-query";
import { type ReactNode, useMemo, useState } from "react";
import { titleOf } from "@/lib/task";
import { DeleteDialog } from "../DeleteDialog";
import { type Actionable, useTaskActions } from "../useTaskActions";

export type Deed = "run" | "toggle";

/** What rows may have done; always the same functions, so that a row is drawn anew for its own sake only. */
export type Deeds = Record<"run" | "pause" | "resume" | "remove", (task: Actionable) => void>;

/** For all rows of a table together: what they can have done, what is being done to which, and what is asked before. */
export function useDeeds(): { deeds: Deeds; busy: (id: string) => Deed | undefined; dialog: ReactNode } {
  const { pause, resume, runNow, remove } = useTaskActions();
  const [asked, setAsked] = useState<Actionable | null>(null);
  const [isAsking, setAsking] = useState(false);
  const deeds = useMemo(
    () => ({
      run: runNow.mutate,
      pause: ({ id, name }: Actionable) => pause.mutate({ id, name }),
      resume: resume.mutate,
      remove: (task: Actionable) => {
        setAsked(task);
        setAsking(true);
      },
    }),
    [runNow.mutate, pause.mutate, resume.mutate],
  );
  const pending = useMutationState({
    filters: { mutationKey: ["tasks"], status: "pending" },
    select: ({ options, state }) => ({
      deed: options.mutationKey?.[1] as Deed,
      id: (state.variables as Actionable).id,
    }),
  });
  const busy = (id: string) => pending.find((one) => one.id === id)?.deed;
  const dialog = (
    <DeleteDialog
      name={asked ? titleOf(asked) : ""}
      opened={isAsking}
      busy={remove.isPending}
      onClose={() => setAsking(false)}
      onConfirm={() => asked && remove.mutate(asked, { onSettled: () => setAsking(false) })}
    />
  );
  return { deeds, busy, dialog };
}
