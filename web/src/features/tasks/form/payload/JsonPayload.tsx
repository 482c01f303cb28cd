import { Button, Textarea } from "@mantine/core";
import { useRef } from "react";
import { jsonProblem, setOut } from "@/lib/json";
import type { Handler } from "@/lib/task";
import type { Fields } from "../fields";
import { PayloadHelp } from "./PayloadHelp";
import { clearErrors, jsonError } from "./payloadErrors";

/** The payload as JSON: read while it is typed, set out on request. */
export function JsonPayload({ fields, handler }: { fields: Fields; handler?: Handler }) {
  const { form } = fields;
  const { payload, handler: name } = form.getValues();
  const input = useRef<HTMLTextAreaElement>(null);
  const hasSchema = Object.keys(handler?.payload_schema ?? {}).length > 0;
  const isEmpty = !payload.trim();
  const problem = isEmpty ? null : jsonProblem(payload);
  const ordered = isEmpty || problem ? payload : setOut(payload);
  function set(text: string) {
    form.setFieldValue("payload", text);
    clearErrors(fields, "payload");
  }
  return (
    <>
      <div>
        <Textarea
          ref={input}
          label="Payload"
          description={hasSchema ? "JSON, as the handler takes it." : "Any JSON, or nothing."}
          placeholder={hasSchema ? undefined : '{"greeting": "hello"}'}
          autosize
          minRows={4}
          maxRows={18}
          spellCheck={false}
          classNames={{ input: "mono" }}
          data-path="payload"
          value={payload}
          onChange={(e) => set(e.currentTarget.value)}
          error={problem ? `This is not JSON yet: ${problem}` : jsonError(fields)}
        />
        {ordered !== payload && (
          <Button
            variant="default"
            size="compact-sm"
            mt={6}
            onClick={() => {
              set(ordered);
              input.current?.focus();
            }}
          >
            Set it out in lines
          </Button>
        )}
      </div>
      <PayloadHelp handler={name} schema={handler?.payload_schema} isEmpty={isEmpty} onStart={set} />
    </>
  );
}
