import { type Call, fields } from "./call";

/** A call as a command of curl, and what of it the command leaves out. */
export type CurlCommand = { command: string; leftOut: string[] };

/** References to secrets and templates stay as the payload has them: nothing is filled in that is not known here. */
export function curlCommand(call: Call): CurlCommand {
  const { url, user } = splitUser(call.url);
  const proxy = call.proxy === null ? null : splitUser(call.proxy);
  const basic = fields(call.auth.basic);
  const bearer = call.auth.bearer;
  const credentials = user ?? (basic.user === undefined ? null : `${basic.user}:${basic.password}`);
  const parts = [
    ...method(call),
    ...(credentials === null ? [] : ["--user", quoted(credentials)]),
    ...(typeof bearer === "string" ? ["--header", quoted(`Authorization: Bearer ${bearer}`)] : []),
    ...call.headers.flatMap(([name, value]) => [
      "--header",
      quoted(value ? `${name}: ${value}` : `${name};`),
    ]),
    ...(call.body === null ? [] : ["--data-raw", quoted(call.body)]),
    ...(call.followsRedirects ? ["--location", "--max-redirs", "5"] : []),
    ...(proxy ? ["--proxy", quoted(proxy.url)] : []),
    ...(proxy?.user ? ["--proxy-user", quoted(proxy.user)] : []),
    ...pem("--cacert", call.tls.ca),
    ...pem("--cert", call.tls.certificate),
    ...pem("--key", call.tls.key),
    // To curl, braces and brackets in a URL mean several URLs.
    ...(/[{}[\]]/.test(url) ? ["--globoff"] : []),
    ...["--url", quoted(url)],
  ];
  return { command: ["curl", ...parts].join(" "), leftOut: leftOut(call) };
}

function method({ method, body }: Call): string[] {
  if (method === "HEAD") return ["--head"];
  return method === (body === null ? "GET" : "POST") ? [] : ["--request", method];
}

function pem(option: string, reference: unknown): string[] {
  return typeof reference === "string" ? [option, quoted(reference)] : [];
}

function leftOut({ auth, tls, isSigned }: Call): string[] {
  return [
    ...(auth.oauth2 ? ["its OAuth 2 token"] : []),
    ...(isSigned ? ["its signature"] : []),
    ...(tls.server_name ? ["the name that the server's certificate must have"] : []),
  ];
}

/** For a POSIX shell: within single quotes nothing has a meaning but the quote itself. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

const REFERENCE = "secret://";
const SHELTER = "\u0000";

/** A URL without its user and password. These may be references, whose slashes end no host. */
function splitUser(url: string): { url: string; user: string | null } {
  const [scheme] = /^https?:\/\//i.exec(url) ?? [];
  if (!scheme) return { url, user: null };
  const rest = url.slice(scheme.length).replaceAll(REFERENCE, SHELTER);
  const authority = /^[^/?#]*/.exec(rest)?.[0] ?? "";
  const at = authority.lastIndexOf("@");
  if (at < 0) return { url, user: null };
  const back = (text: string) => text.replaceAll(SHELTER, REFERENCE);
  return { url: scheme + back(rest.slice(at + 1)), user: decoded(back(authority.slice(0, at))) };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
