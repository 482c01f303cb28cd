import { TextInput } from "@mantine/core";
import { type Fields, inputAt } from "../fields";
import { SuggestionNote } from "./SuggestionNote";

/** The list of zones that all of these fields suggest from; the form draws it once. */
export const ZONES = "zones";

type Props = { fields: Fields; path: string; isMember?: boolean; description?: string };

export function ZoneField({ fields, path, isMember, description }: Props) {
  return (
    <div>
      <TextInput
        label="Time zone"
        description={description}
        placeholder={isMember ? "as the others" : undefined}
        list={ZONES}
        autoComplete="off"
        spellCheck={false}
        {...inputAt(fields, path)}
      />
      <SuggestionNote fields={fields} path={path} />
    </div>
  );
}
