import { Button, FileButton, NativeSelect, Textarea } from "@mantine/core";
import { useState } from "react";
import { Card } from "@/components/Card";
import { Icon } from "@/components/Icon";
import { CrontabFields } from "./CrontabFields";
import classes from "./ImportPage.module.css";
import {
  FORMAT_NAMES,
  FORMATS,
  type Format,
  formatOf,
  MAX_BYTES,
  noOptions,
  type TaskFile,
} from "./taskFile";

type Chosen = { name: string; content: ArrayBuffer };

/** A file that is chosen or dropped, or a text that is pasted, and what it is. */
export function FileSource({ onChange }: { onChange: (file: TaskFile | null) => void }) {
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const [text, setText] = useState("");
  const [format, setFormat] = useState<Format | null>(null);
  const [options, setOptions] = useState(noOptions);
  const [trouble, setTrouble] = useState<string | null>(null);
  const [isOver, setOver] = useState(false);
  const guessed = formatOf(chosen?.name ?? "", chosen ? "" : text);
  const said = format ?? guessed;

  function tell(next: {
    chosen?: Chosen | null;
    text?: string;
    format?: Format | null;
    options?: typeof options;
  }) {
    const now = { chosen, text, format, options, ...next };
    const content = now.chosen?.content ?? now.text;
    const isEmpty = typeof content === "string" && content.trim() === "";
    const meant = now.format ?? formatOf(now.chosen?.name ?? "", now.chosen ? "" : now.text);
    onChange(isEmpty ? null : { content, format: meant, options: now.options });
  }

  async function take(file: File | null | undefined) {
    if (!file) return;
    setTrouble(null);
    if (file.size > MAX_BYTES) {
      return setTrouble(`${file.name} has ${Math.ceil(file.size / 1024 / 1024)} MiB; at most 64 are taken.`);
    }
    try {
      // Its bytes as they are now: what is applied is what was planned.
      const next = { name: file.name, content: await file.arrayBuffer() };
      setChosen(next);
      setFormat(null);
      tell({ chosen: next, format: null });
    } catch {
      setTrouble(`${file.name} can't be read.`);
    }
  }

  return (
    <Card title="The file" about="JSON, NDJSON, YAML or a crontab">
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the button within does the same */}
      <div
        className={classes.source}
        data-over={isOver || undefined}
        onDragOver={(e) => {
          e.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(e) => {
          e.preventDefault();
          setOver(false);
          void take(e.dataTransfer.files[0]);
        }}
      >
        <div className={classes.choose}>
          <FileButton onChange={(file) => void take(file)} inputProps={{ "aria-label": "File of tasks" }}>
            {(props) => (
              <Button variant="default" leftSection={<Icon name="up" />} {...props}>
                Choose a file…
              </Button>
            )}
          </FileButton>
          {chosen ? (
            <>
              <span className="mono">{chosen.name}</span>
              <Button
                variant="subtle"
                size="xs"
                onClick={() => {
                  setChosen(null);
                  tell({ chosen: null });
                }}
              >
                Take it away
              </Button>
            </>
          ) : (
            <span className="dim">or drop it here, or paste its text:</span>
          )}
        </div>
        {!chosen && (
          <Textarea
            aria-label="Text of the file"
            placeholder={"*/5 * * * * curl https://example.com/report"}
            autosize
            minRows={5}
            maxRows={16}
            classNames={{ input: "mono" }}
            value={text}
            onChange={(e) => {
              setText(e.currentTarget.value);
              tell({ text: e.currentTarget.value });
            }}
          />
        )}
        {trouble && (
          <p className={classes.bad} role="alert">
            {trouble}
          </p>
        )}
        <NativeSelect
          label="Format"
          className={classes.format}
          value={said}
          onChange={(e) => {
            const next = e.currentTarget.value as Format;
            setFormat(next);
            tell({ format: next });
          }}
          data={FORMAT_NAMES.map((value) => ({ value, label: FORMATS[value].word }))}
        />
        {said === "crontab" && (
          <CrontabFields
            options={options}
            onChange={(part) => {
              const next = { ...options, ...part };
              setOptions(next);
              tell({ options: next });
            }}
          />
        )}
      </div>
    </Card>
  );
}
