/** Addresses as people write them: `?q=5&tag=a&tag=b`. A value is a plain text; of a repeated name, a list of them. */

export type Search = Record<string, string | string[]>;

export function parseSearch(text: string): Search {
  const params = new URLSearchParams(text);
  return Object.fromEntries(
    [...new Set(params.keys())].map((name) => {
      const values = params.getAll(name);
      return [name, values.length > 1 ? values : (values[0] ?? "")];
    }),
  );
}

export function stringifySearch(search: Record<string, unknown>): string {
  const pairs = Object.entries(search).flatMap(([name, value]) =>
    [value]
      .flat()
      .flatMap((one) => (one === undefined || one === null || one === "" ? [] : [[name, String(one)]])),
  );
  const text = new URLSearchParams(pairs).toString();
  return text ? `?${text}` : "";
}
