import { Combobox, Modal, TextInput, useCombobox, useMantineColorScheme } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { useState } from "react";
import { Icon } from "@/components/Icon";
import { useInstants } from "@/lib/instant";
import { titleOf } from "@/lib/task";
import { actionCommands, type Command, goer, matching, pageCommands } from "./commands";
import { foundRunsQuery, foundTasksQuery, mayBeRun } from "./found";
import classes from "./Keyboard.module.css";
import { useChoice } from "./useChoice";

type Group = { title: string; commands: Command[] };

/** Goes anywhere and does what is the same everywhere, by a few letters: Ctrl-K. */
export function CommandPalette({ onClose, onHelp }: { onClose: () => void; onHelp: () => void }) {
  const [typed, setTyped] = useState("");
  const { groups, error, isSearching, isOld } = useGroups(typed.trim(), onHelp);
  // In a field with a list that is open, Escape is left to the list.
  const store = useCombobox({ opened: true, onDropdownClose: onClose });
  const shown = groups.filter(({ commands }) => commands.length > 0);
  const choose = (id: string) => {
    onClose();
    shown
      .flatMap(({ commands }) => commands)
      .find((one) => one.id === id)
      ?.does();
  };
  const ids = shown.flatMap(({ commands }) => commands.map(({ id }) => id));
  const { onKeyDownCapture, onType } = useChoice({ store, ids, isOld, choose });
  return (
    <Modal.Root
      opened
      onClose={onClose}
      padding={0}
      yOffset="12vh"
      size="lg"
      transitionProps={{ duration: 0 }}
      returnFocus={false}
    >
      <Modal.Overlay />
      <Modal.Content aria-label="Go to">
        <Combobox store={store} onOptionSubmit={choose}>
          <Combobox.EventsTarget>
            <TextInput
              data-autofocus
              variant="unstyled"
              size="md"
              px="md"
              aria-label="A page, a task, a run or what to do"
              placeholder="A page, a task, a run or what to do"
              leftSection={<Icon name="search" />}
              value={typed}
              onChange={(e) => {
                setTyped(e.currentTarget.value);
                onType();
              }}
              onKeyDownCapture={onKeyDownCapture}
            />
          </Combobox.EventsTarget>
          <Combobox.Options className={classes.found} aria-label="What is found" aria-busy={isSearching}>
            {shown.map(({ title, commands }) => (
              <Combobox.Group label={title} key={title}>
                {commands.map(({ id, title, hint }) => (
                  <Combobox.Option value={id} key={id} className={classes.option}>
                    <span>{title}</span>
                    {hint && <span className={classes.hint}>{hint}</span>}
                  </Combobox.Option>
                ))}
              </Combobox.Group>
            ))}
            {error && <Combobox.Empty>Tasks and runs can't be searched: {error.message}</Combobox.Empty>}
            {!error && shown.length === 0 && (
              <Combobox.Empty>{isSearching ? "Searching …" : "Nothing is called that"}</Combobox.Empty>
            )}
          </Combobox.Options>
        </Combobox>
      </Modal.Content>
    </Modal.Root>
  );
}

function useGroups(typed: string, onHelp: () => void) {
  const go = goer(useRouter());
  const { setColorScheme } = useMantineColorScheme();
  const { compact } = useInstants();
  const [settled] = useDebouncedValue(typed, 150);
  const tasks = useQuery(foundTasksQuery(typed === "" ? "" : settled));
  const runs = useQuery(foundRunsQuery(settled));
  const now = Date.now();
  const groups: Group[] = [
    {
      title: "Tasks",
      commands: (tasks.data?.items ?? []).map((task) => ({
        id: `task ${task.id}`,
        title: titleOf(task),
        hint: titleOf(task) === task.id ? task.state : `${task.id} · ${task.state}`,
        does: () => go(`/tasks/${encodeURIComponent(task.id)}`),
      })),
    },
    {
      title: "Runs",
      commands: (mayBeRun(typed) ? (runs.data?.items ?? []) : []).map((run) => ({
        id: `run ${run.id}`,
        title: run.task_name || run.task_id,
        hint: `${run.state} · ${compact(run.nominal_at, now)} · ${run.id}`,
        does: () => go(`/runs/${run.id}`),
      })),
    },
    { title: "Go to", commands: matching(pageCommands(go), typed) },
    { title: "Do", commands: matching(actionCommands(go, setColorScheme, onHelp), typed) },
  ];
  const isLate = typed !== settled || tasks.isPlaceholderData || tasks.isLoading || runs.isLoading;
  const isOld = typed !== "" && isLate;
  const isSearching = isOld || (typed !== "" && (tasks.isFetching || runs.isFetching));
  return { groups, error: tasks.error ?? runs.error, isSearching, isOld };
}
