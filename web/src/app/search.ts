/** Addresses as people write them: `?q=5&state=paused`, every value a plain string. */

export function parseSearch(text: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(text));
}

export function stringifySearch(search: Record<string, unknown>): string {
  const present = Object.entries(search).filter(([, v]) => v !== undefined && v !== null && v !== "");
  const text = new URLSearchParams(present.map(([k, v]) => [k, String(v)])).toString();
  return text ? `?${text}` : "";
}
