import type { UseFormReturnType } from "@mantine/form";
import type { Suggestion } from "@/lib/problem";
import type { Draft } from "./draft";
import type { FieldErrors } from "./pointers";

export type Form = UseFormReturnType<Draft>;

/** The form and what the server says of it while it is typed, as every part of it is given them. */
export type Fields = {
  form: Form;
  errors: FieldErrors;
  /** Puts the suggestion beside the field at this path in its place. */
  onUse: (path: string, suggestion: Suggestion) => void;
};

/** What an input at a path of the draft needs, with what is wrong there. */
export function inputAt({ form, errors }: Pick<Fields, "form" | "errors">, path: string) {
  return { ...form.getInputProps(path), error: form.errors[path] ?? errors.fields[path] };
}

/** Focuses the input at a path of the draft; false if it is not there. */
export function focusAt(within: ParentNode | null, path: string): boolean {
  const found = within?.querySelector<HTMLElement>(`[data-path="${CSS.escape(path)}"]`);
  found?.focus();
  return Boolean(found);
}
