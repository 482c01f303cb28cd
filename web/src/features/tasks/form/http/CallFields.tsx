import { NativeSelect, Textarea, TextInput } from "@mantine/core";
import type { ReactNode } from "react";
import classes from "./HttpFields.module.css";
import { type Call, shownJson, valueAt } from "./httpCall";
import { useTyped } from "./useTyped";

/** The call, how it is changed, and what the server says of a field of it. */
export type CallForm = {
  call: Call;
  /** Puts a value at a path; undefined takes it out. */
  set: (path: string, value: unknown) => void;
  errorAt: (path: string) => ReactNode;
};

type FieldProps = { form: CallForm; path: string; label: string; description?: ReactNode };
type TextProps = FieldProps & {
  /** Whose errors it shows, where that is not the field itself. */
  errorPath?: string;
  placeholder?: string;
  isLong?: boolean;
  show?: (value: unknown) => string;
  read?: (text: string) => unknown;
};

const asText = (text: string) => text.trim() || undefined;

/** A field of the call that is typed as a text, on one line or many. */
export function CallText(props: TextProps) {
  const { form, path, label, description, placeholder, isLong, show = shownJson, read = asText } = props;
  const { errorPath = path } = props;
  const [typed, setTyped] = useTyped(valueAt(form.call, path), show, read);
  const shared = {
    ...{ label, description, placeholder, spellCheck: false, autoComplete: "off" },
    ...{ classNames: { input: "mono" }, value: typed, error: form.errorAt(errorPath) },
    "data-path": `payload.${path}`,
    onChange: (event: { currentTarget: { value: string } }) => {
      setTyped(event.currentTarget.value);
      form.set(path, read(event.currentTarget.value));
    },
  };
  return isLong ? <Textarea autosize minRows={2} maxRows={14} {...shared} /> : <TextInput {...shared} />;
}

type ChoiceProps = FieldProps & { data: { value: string; label: string }[] };

/** A field of the call that is chosen. Nothing chosen is nothing said; what is not offered stays as it is. */
export function CallChoice({ form, path, label, description, data }: ChoiceProps) {
  const value = shownJson(valueAt(form.call, path));
  const isOffered = data.some((one) => one.value === value);
  return (
    <NativeSelect
      label={label}
      description={description}
      data={isOffered ? data : [...data, { value, label: value }]}
      value={value}
      error={form.errorAt(path)}
      data-path={`payload.${path}`}
      onChange={(e) => form.set(path, e.currentTarget.value || undefined)}
    />
  );
}

/** What there is to know about the field above. */
export function Notes({ isWarning, children }: { isWarning?: boolean; children: ReactNode }) {
  return (
    <p className={classes.note} data-warning={isWarning || undefined} role="status">
      {children}
    </p>
  );
}
