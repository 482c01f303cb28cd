import { type Fields, inputAt } from "../fields";
import { isWithin } from "../http/fieldPaths";

/** What is wrong with the payload as a whole and with those of its parts that have no field in sight. */
export function payloadError(fields: Fields, inSight: readonly string[] = []): string | undefined {
  const whole = inputAt(fields, "payload").error;
  const parts = Object.entries({ ...fields.errors.fields, ...fields.form.errors }).flatMap(
    ([path, message]) => {
      const name = /^payload\.(.+)/.exec(path)?.[1];
      return name === undefined || inSight.includes(name) || !message ? [] : [`${name}: ${message}`];
    },
  );
  return [whole, ...parts].filter(Boolean).join("; ") || undefined;
}

/** Takes away what was said of a part of the payload that has been changed, and of all that it holds. */
export function clearErrors({ form }: Fields, path: string) {
  for (const wrong of Object.keys(form.errors)) {
    if (isWithin(wrong, path)) form.clearFieldError(wrong);
  }
}
