import { type CallForm, CallText } from "./CallFields";
import classes from "./HttpFields.module.css";
import { jsonOrText, valueAt } from "./httpCall";

/** The names that texts of a call may hold in `{{ … }}`, and what is filled in. */
const TEMPLATES = [
  ["nominal_at", "the time that the schedule says, in UTC; nominal_at.date, .time, .epoch … are forms of it"],
  ["effective_at", "the same with the task's spread"],
  ["run_id", "the run's id, the same in each attempt"],
  ["task_id", "the task's id"],
  ["attempt", "1, 2, …"],
  ["payload.…", "a field of the data below, or of the trigger's payload"],
  ["after.…", "run_id, task_id, nominal_at or outcome of the run that started this one"],
  ["callback_url", "where the call's end may be reported later"],
] as const;

/** What can be filled in, and the data and the clock for that. */
export function TemplateFields({ form }: { form: CallForm }) {
  const isUsed = ["data", "timezone"].some((path) => valueAt(form.call, path) !== undefined);
  return (
    <details className={classes.more} open={isUsed}>
      <summary>Templates: what URL, headers and body can have filled in</summary>
      <dl className={classes.templates}>
        {TEMPLATES.map(([name, meaning]) => (
          <div key={name}>
            <dt className="mono">{`{{ ${name} }}`}</dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
      <div className={classes.inner}>
        <CallText
          form={form}
          path="data"
          label="Data"
          description="JSON, the fields that {{ payload.… }} names. A trigger's payload can replace them."
          placeholder={'{"customer": "ACME"}'}
          isLong
          read={jsonOrText}
        />
        <CallText
          form={form}
          path="timezone"
          label="Clock of dates in templates"
          description="A time zone. Left empty: UTC."
          placeholder="UTC"
        />
      </div>
    </details>
  );
}
