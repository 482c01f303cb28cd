import { NativeSelect, Textarea, TextInput } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import { useQuery } from "@tanstack/react-query";
import { handlersQuery } from "../queries";
import { type Draft, NotJson, payloadOf } from "./draft";

/** Who carries a task out, and the payload in the form that this one takes. */
export function HandlerFields({ form }: { form: UseFormReturnType<Draft> }) {
  const draft = form.getValues();
  const handlers = useQuery(handlersQuery).data?.items ?? [];
  const names = [...new Set(["default", "curl", ...handlers.map((h) => h.name), draft.handler])];
  const isCurl = draft.handler === "curl";
  return (
    <>
      <NativeSelect
        label="Handler"
        description={handlers.find((h) => h.name === draft.handler)?.description}
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
        <Textarea
          label="Payload"
          description="Any JSON, or nothing."
          placeholder='{"greeting": "hello"}'
          autosize
          minRows={4}
          maxRows={18}
          spellCheck={false}
          classNames={{ input: "mono" }}
          {...form.getInputProps("payload")}
          error={form.errors.payload ?? jsonError(draft)}
        />
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
