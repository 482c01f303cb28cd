import { TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { useEffect, useRef, useState } from "react";
import { Icon, type IconName } from "./Icon";

type Props = {
  label: string;
  placeholder: string;
  value?: string;
  onChange: (value?: string) => void;
  /** What stands before the text; a magnifier where nothing else is said. */
  icon?: IconName;
  isShort?: boolean;
};

/** Searches while typing: the value is handed on when the typing pauses. Follows the address when that changes. */
export function SearchField({ label, placeholder, value = "", onChange, icon = "search", isShort }: Props) {
  const [text, setText] = useState(value);
  // What was handed on comes back as the address, perhaps after more has been typed.
  const handedOn = useRef(value);
  const settle = useDebouncedCallback((next: string) => {
    handedOn.current = next.trim();
    onChange(handedOn.current || undefined);
  }, 250);
  useEffect(() => {
    // What has been typed since goes into the address soon, whatever comes from there.
    if (value === handedOn.current || settle.isPending()) return;
    handedOn.current = value;
    setText(value);
  }, [value, settle]);
  return (
    <TextInput
      type="search"
      w={isShort ? 150 : undefined}
      aria-label={label}
      placeholder={placeholder}
      leftSection={<Icon name={icon} />}
      value={text}
      onChange={(e) => {
        setText(e.currentTarget.value);
        settle(e.currentTarget.value);
      }}
    />
  );
}
