/** The fields that the form of an `http` call has, by their paths in the call. */
const FIELDS = new Set([
  ...["url", "method", "redirects", "headers", "body", "data", "timezone"],
  ...["expect", "expect_body", "callback", "sign", "proxy"],
  ...["auth", "auth.basic.user", "auth.basic.password", "auth.bearer"],
  ...["token_url", "client_id", "client_secret", "scope", "audience", "client_auth"].map(
    (n) => `auth.oauth2.${n}`,
  ),
  ...["tls", "tls.ca", "tls.certificate", "tls.key", "tls.server_name"],
]);

/** The innermost field that holds what a pointer's parts mean; empty for what has none. */
export function callFieldAt(parts: readonly string[]): string {
  const paths = parts.map((_, i) => parts.slice(0, i + 1).join("."));
  return paths.findLast((path) => FIELDS.has(path)) ?? "";
}

/** Whether a change at one path settles what was said of the other: one holds the other. */
export function isWithin(path: string, other: string): boolean {
  return path === other || path.startsWith(`${other}.`) || other.startsWith(`${path}.`);
}
