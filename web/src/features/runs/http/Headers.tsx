import classes from "./Http.module.css";

type Props = { headers: readonly (readonly [name: string, value: string])[]; label: string };

/** Headers as they are: what was redacted stays so. */
export function Headers({ headers, label }: Props) {
  if (headers.length === 0) return null;
  return (
    <section aria-label={label}>
      <dl className={classes.headers}>
        {headers.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
