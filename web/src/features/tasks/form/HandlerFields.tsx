import { NativeSelect, Textarea, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { handlersQuery } from "../queries";
import { type Draft, NotJson, payloadOf } from "./draft";
import type { Form } from "./fields";
import { PayloadHelp } from "./PayloadHelp";

/** Who carries a task out, and the payload in the form that this one takes. */
export function HandlerFields({ form }: { form: Form }) {
  const draft = form.getValues();
  const handlers = useQuery(handlersQuery).data?.items ?? [];
  const names = [...new Set(["default", "curl", ...handlers.map((h) => h.name), draft.handler])];
  const chosen = handlers.find((h) => h.name === draft.handler);
  const hasSchema = Object.keys(chosen?.payload_schema ?? {}).length > 0;
  const isCurl = draft.handler === "curl";
  return (
    <>
      <NativeSelect
        label="Handler"
        description={chosen?.description}
        data={names}
        {...form.getInputProps("handler")}
      />
      {isCurl ? (
        <TextInput
          label="URL"
          type="url"
          placeholder="https://example.com/report"
          classNames={{ input: "mono" }}
          {...form.getInputProps("url")}
        />
      ) : (
        <>
          <Textarea
            label="Payload"
            description={hasSchema ? "JSON, as the handler takes it." : "Any JSON, or nothing."}
            placeholder={hasSchema ? undefined : '{"greeting": "hello"}'}
            autosize
            minRows={4}
            maxRows={18}
            spellCheck={false}
            classNames={{ input: "mono" }}
            {...form.getInputProps("payload")}
            error={form.errors.payload ?? jsonError(draft)}
          />
          <PayloadHelp
            handler={draft.handler}
            schema={chosen?.payload_schema}
            isEmpty={!draft.payload.trim()}
            onStart={(payload) => form.setFieldValue("payload", payload)}
          />
        </>
      )}
    </>
  );
}

function jsonError(draft: Draft): string | undefined {
  try {
    payloadOf(draft);
  } catch (error) {
    if (error instanceof NotJson) return error.message;
    throw error;
  }
}
