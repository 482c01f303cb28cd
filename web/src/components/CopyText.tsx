import { Button } from "@mantine/core";
import { useClipboard } from "@mantine/hooks";
import { Icon } from "./Icon";

/** A button that copies a text, and says whether it did: browsers allow it only on safe origins. */
export function CopyText({ label, text }: { label: string; text: string }) {
  const { copy, copied, error } = useClipboard({ timeout: 3_000 });
  return (
    <>
      <Button
        variant="default"
        size="xs"
        leftSection={<Icon name={copied ? "check" : "copy"} size={14} />}
        onClick={() => copy(text)}
      >
        {label}
      </Button>
      <span aria-live="polite" className={error ? "dim small" : "sr-only"}>
        {copied && "Copied."}
        {error && "The browser does not let this page copy: select the text instead."}
      </span>
    </>
  );
}
