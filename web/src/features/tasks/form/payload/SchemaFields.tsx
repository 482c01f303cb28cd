import { NativeSelect, Textarea, TextInput } from "@mantine/core";
import { type Call, shownJson } from "../http/httpCall";
import { useTyped } from "../http/useTyped";
import classes from "./Payload.module.css";
import { canShow, choiceOf, numberIn, type SchemaForm, type SimpleField } from "./simpleFields";

type Props = {
  form: SchemaForm;
  payload: Call;
  onChange: (payload: Call) => void;
  errorAt: (name: string) => string | undefined;
};

/** A field for each simple property of a payload. What has none is kept, and named. */
export function SchemaFields({ form, payload, onChange, errorAt }: Props) {
  const shown = form.fields.filter((field) => canShow(field, payload[field.name]));
  const names = new Set(shown.map((field) => field.name));
  const hidden = [...new Set([...form.fields.map((field) => field.name), ...form.others])].filter(
    (name) => !names.has(name),
  );
  const extra = Object.keys(payload).filter((name) => !names.has(name) && !hidden.includes(name));
  function set(name: string, value: unknown) {
    const { [name]: _, ...others } = payload;
    onChange(value === undefined ? others : { ...payload, [name]: value });
  }
  return (
    <>
      {shown.map((field) => (
        <PropertyField
          key={field.name}
          field={field}
          value={payload[field.name]}
          error={errorAt(field.name)}
          onChange={(value) => set(field.name, value)}
        />
      ))}
      {[...hidden, ...extra].length > 0 && (
        <p className={classes.note}>
          As JSON only: <span className="mono">{[...hidden, ...extra].join(", ")}</span>. What is set of it is
          kept.
        </p>
      )}
    </>
  );
}

type FieldProps = {
  field: SimpleField;
  value: unknown;
  error?: string;
  onChange: (value: unknown) => void;
};

function PropertyField({ field, value, error, onChange }: FieldProps) {
  const { name, label, kind, isRequired, about, usual } = field;
  const shared = {
    ...{ label, error, withAsterisk: isRequired, "aria-required": isRequired || undefined },
    description: [about, usual && `Left empty: ${usual}.`].filter(Boolean).join(" ") || undefined,
    "data-path": `payload.${name}`,
  };
  if (kind === "number") return <NumberField shared={shared} value={value} onChange={onChange} />;
  if (kind === "text") {
    return (
      <Textarea
        autosize
        minRows={1}
        maxRows={12}
        autoComplete="off"
        {...shared}
        value={shownJson(value)}
        onChange={(e) => onChange(e.currentTarget.value || undefined)}
      />
    );
  }
  const values = kind === "boolean" ? [true, false] : field.values;
  return (
    <NativeSelect
      {...shared}
      data={[
        { value: "", label: "not set" },
        ...values.map((one) => ({
          value: JSON.stringify(one),
          label: kind === "boolean" ? yesNo(one) : String(one),
        })),
      ]}
      value={choiceOf(value)}
      onChange={({ currentTarget: { value: chosen } }) => onChange(chosen ? JSON.parse(chosen) : undefined)}
    />
  );
}

type NumberProps = { shared: object; value: unknown; onChange: (value: unknown) => void };

function NumberField({ shared, value, onChange }: NumberProps) {
  const [typed, setTyped] = useTyped(value, shownJson, numberIn);
  return (
    <TextInput
      inputMode="decimal"
      classNames={{ input: "num" }}
      {...shared}
      value={typed}
      onChange={({ currentTarget: { value: next } }) => {
        setTyped(next);
        onChange(numberIn(next));
      }}
    />
  );
}

function yesNo(value: unknown): string {
  return value ? "yes" : "no";
}
