import { lineOf } from "@/lib/json";
import { type Fields, inputAt } from "../fields";
import { isWithin } from "../http/fieldPaths";

/** What is wrong with the payload as a whole and with those of its parts that have no field in sight. */
export function payloadError(fields: Fields, inSight: readonly string[] = []): string | undefined {
  const whole = inputAt(fields, "payload").error;
  const parts = Object.entries(partErrors(fields)).flatMap(([name, message]) =>
    inSight.includes(name) ? [] : [`${name}: ${message}`],
  );
  return [whole, ...parts].filter(Boolean).join("; ") || undefined;
}

/** The same beside the JSON itself: with the line of each part. */
export function jsonError(fields: Fields): string | undefined {
  const whole = inputAt(fields, "payload").error;
  const { payload } = fields.form.getValues();
  const parts = Object.entries(partErrors(fields)).map(([name, message]) => {
    const pointer = `/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
    const line = lineOf(payload, pointer);
    return `${line === null ? "" : `line ${line}, `}${name}: ${message}`;
  });
  return [whole, ...parts].filter(Boolean).join("; ") || undefined;
}

function partErrors({ form, errors }: Fields): Record<string, unknown> {
  const all = Object.entries({ ...errors.fields, ...form.errors });
  return Object.fromEntries(
    all.flatMap(([path, message]) => {
      const name = /^payload\.(.+)/.exec(path)?.[1];
      return name === undefined || !message ? [] : [[name, message]];
    }),
  );
}

/** Takes away what was said of a part of the payload that has been changed, and of all that it holds. */
export function clearErrors({ form }: Fields, path: string) {
  for (const wrong of Object.keys(form.errors)) {
    if (isWithin(wrong, path)) form.clearFieldError(wrong);
  }
}
