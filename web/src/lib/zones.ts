/** The zones that the browser knows, for suggestions only: which names are right, the server says. */
export const zones: readonly string[] = [...new Set(["UTC", ...Intl.supportedValuesOf("timeZone")])];
