import { ActionIcon } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useEffectEvent, useRef, useState } from "react";
import { Icon } from "@/components/Icon";
import { OnDemand, part } from "@/components/OnDemand";
import { singleKeys } from "@/lib/singleKeys";
import { isDialogOpen, isForField, moveToRow, searchPage, selectRow } from "./keys";

const palette = part("“Go to anything”", () => import("./CommandPalette").then((m) => m.CommandPalette));
const help = part("The help for the keyboard", () => import("./KeyboardHelp").then((m) => m.KeyboardHelp));

/** The keys that work on every page, with what they open, and a button for those who point. */
export function Keyboard() {
  const navigate = useNavigate();
  const [opened, setOpened] = useState<"palette" | "help" | null>(null);
  // Where one was, to go back there. The dialogs go as a whole when they close, before they could do so themselves.
  const focused = useRef<Element>(null);
  const open = (what: "palette" | "help") => {
    if (opened === null) focused.current = document.activeElement;
    setOpened(what);
  };
  useEffect(() => {
    if (opened === null && focused.current instanceof HTMLElement) focused.current.focus();
  }, [opened]);

  const onKey = useEffectEvent((event: KeyboardEvent) => {
    if (event.defaultPrevented || event.altKey) return;
    if (event.ctrlKey || event.metaKey) {
      if (event.key.toLowerCase() !== "k" || event.shiftKey || isDialogOpen()) return;
      event.preventDefault();
      open("palette");
      return;
    }
    // What was opened may still be on its way: what is typed meanwhile is not for the page.
    if (opened !== null || singleKeys.get() === "off" || isForField(event)) return;
    // By the letter and not by the key: on many keyboards "/" is a shifted one.
    const deed = deeds[event.key];
    if (!deed) return;
    event.preventDefault();
    deed();
  });
  const deeds: Record<string, () => void> = {
    j: () => moveToRow(1),
    k: () => moveToRow(-1),
    x: selectRow,
    n: () => void navigate({ to: "/tasks/new" }),
    "/": () => {
      if (!searchPage()) open("palette");
    },
    "?": () => open("help"),
  };

  useEffect(() => {
    const listener = (event: KeyboardEvent) => onKey(event);
    document.addEventListener("keydown", listener);
    return () => document.removeEventListener("keydown", listener);
  }, []);

  const close = () => setOpened(null);
  return (
    <>
      <ActionIcon
        variant="subtle"
        color="gray"
        size="lg"
        aria-label="Go to anything"
        title="Go to anything (Ctrl+K)"
        onClick={() => open("palette")}
      >
        <Icon name="search" />
      </ActionIcon>
      {opened === "help" && <OnDemand part={help} props={{ onClose: close }} onAbsent={close} />}
      {opened === "palette" && (
        <OnDemand part={palette} props={{ onClose: close, onHelp: () => open("help") }} onAbsent={close} />
      )}
    </>
  );
}
