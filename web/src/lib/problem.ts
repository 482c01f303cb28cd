/** One wrong field of a request: a JSON pointer into its body, what is wrong with it, and how it could be mended. */
export type FieldError = { pointer: string; message: string; suggestion?: Suggestion | null };

/** What the server takes a wrong field to mean: the value to put at the pointer instead. */
export type Suggestion = { pointer: string; value: unknown };

/** An answer of the API that says no (RFC 9457). Its message is fit to be shown. */
export class Problem extends Error {
  readonly status: number;
  readonly title: string;
  readonly errors: readonly FieldError[];

  constructor(status: number, title: string, detail?: string, errors: readonly FieldError[] = []) {
    super(detail || errors.map((e) => e.message).join("; ") || title);
    this.name = "Problem";
    this.status = status;
    this.title = title;
    this.errors = errors;
  }
}

/** No answer at all, or one of something that stands before the API. Whether a write took effect is unknown. */
export class Unreachable extends Error {
  constructor() {
    super("Tasker can't be reached.");
    this.name = "Unreachable";
  }
}

/** Reads a body that may be a problem; a body that is something else becomes one with the status alone. */
export function problemFrom(status: number, body: unknown): Problem {
  const p = (typeof body === "object" && body !== null ? body : {}) as Record<string, unknown>;
  const title = typeof p.title === "string" ? p.title : `The server answered ${status}.`;
  const detail = typeof p.detail === "string" ? p.detail : undefined;
  const errors = Array.isArray(p.errors) ? p.errors.filter(isFieldError) : [];
  return new Problem(status, title, detail, errors);
}

function isFieldError(value: unknown): value is FieldError {
  const e = value as FieldError | null;
  return typeof e?.pointer === "string" && typeof e.message === "string";
}

/** The text of an error of any kind, for people. */
export function textOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.charAt(0).toUpperCase() + text.slice(1);
}
