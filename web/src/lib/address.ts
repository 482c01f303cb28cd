/** What an address says after its `?`, written by anybody. A name that is repeated has a list of values. */
export type AddressSearch = Record<string, unknown>;

/** What an address says and its page does not understand. */
export type Unknown = { name: string; value: string };

/** How a page reads the values of a name: undefined for one that makes no sense. */
export type Parameter = { read: (text: string) => unknown; isRepeated?: boolean };

export const text: Parameter = { read: (text) => text };

export const oneOf = (words: readonly string[]): Parameter => ({
  read: (text) => words.find((word) => word === text),
});

/** Reads an address. What is not understood is not dropped in silence: it comes back in `unknown`. */
export function readAddress<T extends object>(
  search: AddressSearch,
  parameters: { [K in keyof T]-?: Parameter },
): { filters: T; unknown: Unknown[] } {
  const known = new Map<string, Parameter>(Object.entries(parameters));
  const filters: Record<string, unknown> = {};
  const unknown: Unknown[] = [];
  for (const [name, value] of Object.entries(search).flatMap(([name, given]) =>
    [given].flat().map((one) => [name, String(one ?? "")] as const),
  )) {
    const parameter = known.get(name);
    const found = parameter?.read(value);
    if (value === "") continue;
    if (!parameter || found === undefined) unknown.push({ name, value });
    else if (parameter.isRepeated) filters[name] = [...((filters[name] as unknown[]) ?? []), found];
    else if (name in filters) unknown.push({ name, value });
    else filters[name] = found;
  }
  return { filters: filters as T, unknown };
}
