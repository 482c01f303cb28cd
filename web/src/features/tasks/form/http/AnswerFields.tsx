import { Button, NativeSelect, TextInput } from "@mantine/core";
import { Icon } from "@/components/Icon";
import { type CallForm, CallText, Notes } from "./CallFields";
import { type Condition, conditionOf, type Word, withWord, writtenValue } from "./conditions";
import classes from "./HttpFields.module.css";
import { listed, listIn, valueAt } from "./httpCall";
import { useTyped } from "./useTyped";

const words: { value: Word; label: string }[] = [
  { value: "contains", label: "contains" },
  { value: "lacks", label: "does not contain" },
  { value: "matches", label: "matches (regular expression)" },
  { value: "equals", label: "equals (JSON)" },
  { value: "one_of", label: "is one of (JSON list)" },
  { value: "exists", label: "exists (true or false)" },
];
const MOST = 20;

/** Which answers are a success, by status and by body. */
export function AnswerFields({ form }: { form: CallForm }) {
  const given = valueAt(form.call, "expect_body");
  const conditions = Array.isArray(given) ? (given as Condition[]) : [];
  const set = (changed: Condition[]) => form.set("expect_body", changed.length > 0 ? changed : undefined);
  const error = form.errorAt("expect_body");
  return (
    <>
      <CallText
        form={form}
        path="expect"
        label="Answers that are a success"
        description="Statuses and classes of them. Left empty: 2xx."
        placeholder="2xx, 409"
        show={listed}
        read={listIn}
      />
      {conditions.map((condition, i) => (
        <ConditionFields
          // biome-ignore lint/suspicious/noArrayIndexKey: conditions have no other identity, and hold no state but texts.
          key={i}
          number={i + 1}
          condition={condition}
          onChange={(changed) => set(conditions.map((one, at) => (at === i ? changed : one)))}
          onRemove={() => set(conditions.filter((_, at) => at !== i))}
        />
      ))}
      {error && <Notes isWarning>{error}</Notes>}
      <div>
        <Button
          variant="default"
          size="xs"
          data-path="payload.expect_body"
          leftSection={<Icon name="plus" size={14} />}
          disabled={conditions.length >= MOST}
          onClick={() => set([...conditions, { contains: "" }])}
        >
          Expect something of the body
        </Button>
      </div>
    </>
  );
}

type Props = {
  number: number;
  condition: Condition;
  onChange: (condition: Condition) => void;
  onRemove: () => void;
};

function ConditionFields({ number, condition, onChange, onRemove }: Props) {
  const { pointer, word, value } = conditionOf(condition);
  const [typed, setTyped] = useTyped<string>(
    condition,
    () => writtenValue(word, value),
    (text) => withWord(pointer, word, text),
  );
  return (
    <fieldset className={classes.condition}>
      <legend className="sr-only">Condition {number}</legend>
      <TextInput
        label="What stands at"
        placeholder="the whole body"
        title="A JSON pointer such as /status. Left empty: the whole body."
        classNames={{ input: "mono" }}
        value={pointer ?? ""}
        onChange={(e) => onChange(withWord(e.currentTarget.value || undefined, word, typed))}
      />
      <NativeSelect
        label="Condition"
        data={words}
        value={word}
        onChange={(e) => onChange(withWord(pointer, e.currentTarget.value as Word, typed))}
      />
      <TextInput
        label="Value"
        classNames={{ input: "mono" }}
        value={typed}
        onChange={(e) => {
          setTyped(e.currentTarget.value);
          onChange(withWord(pointer, word, e.currentTarget.value));
        }}
      />
      <Button variant="subtle" color="gray" aria-label={`Remove condition ${number}`} onClick={onRemove}>
        <Icon name="cross" size={14} />
      </Button>
    </fieldset>
  );
}
