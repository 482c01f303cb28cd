import { NativeSelect, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { handlersQuery } from "../../queries";
import type { Fields } from "../fields";
import { PayloadFields } from "./PayloadFields";

/** Who carries a task out, and the payload in the form that this one takes. */
export function HandlerFields({ fields }: { fields: Fields }) {
  const { form } = fields;
  const draft = form.getValues();
  const handlers = useQuery(handlersQuery).data?.items ?? [];
  const names = [...new Set(["default", "curl", ...handlers.map((h) => h.name), draft.handler])];
  const chosen = handlers.find((h) => h.name === draft.handler);
  return (
    <>
      <NativeSelect
        label="Handler"
        description={chosen?.description}
        data={names}
        {...form.getInputProps("handler")}
      />
      {draft.handler === "curl" ? (
        <TextInput
          label="URL"
          type="url"
          placeholder="https://example.com/report"
          classNames={{ input: "mono" }}
          {...form.getInputProps("url")}
        />
      ) : (
        <PayloadFields fields={fields} handler={chosen} />
      )}
    </>
  );
}
