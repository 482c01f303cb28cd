import { Button } from "@mantine/core";
import classes from "./Payload.module.css";
import { payloadHelp } from "./payloadHelp";

type Props = { handler: string; schema: unknown; isEmpty: boolean; onStart: (payload: string) => void };

/** What the chosen handler takes, from its schema. */
export function PayloadHelp({ handler, schema, isEmpty, onStart }: Props) {
  const help = payloadHelp(schema);
  if (!help) return null;
  const { about, kind, fields, start } = help;
  return (
    <section className={classes.help} aria-label={`What ${handler} takes`}>
      <h3>
        What <span className="mono">{handler}</span> takes
      </h3>
      {about && <p>{about}</p>}
      {fields.length === 0 && <p>The payload: {kind}.</p>}
      {fields.length > 0 && (
        <dl>
          {fields.map((field) => (
            <div key={field.name}>
              <dt className="mono">{field.name}</dt>
              <dd>
                {field.kind}
                {field.isRequired && <span className={classes.needed}> · needed</span>}
                {field.about && <div className="dim">{field.about}</div>}
              </dd>
            </div>
          ))}
        </dl>
      )}
      {start && isEmpty && (
        <Button variant="default" size="xs" onClick={() => onStart(start)}>
          Begin with what it needs
        </Button>
      )}
    </section>
  );
}
