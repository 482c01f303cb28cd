import { writeExact } from "@/lib/exactJson";

/** What a run of `curl` or `http` calls, as its payload says it. */
export type Call = {
  method: string;
  url: string;
  headers: [name: string, value: string][];
  /** As it is sent, but for templates. */
  body: string | null;
  followsRedirects: boolean;
  auth: Fields;
  proxy: string | null;
  tls: Fields;
  isSigned: boolean;
};
type Fields = Readonly<Record<string, unknown>>;

/** The call of a payload, which may hold `Exact`; null for other handlers, and where a payload names no URL. */
export function callOf(handler: string, payload: unknown): Call | null {
  if (handler === "curl") {
    const url = typeof payload === "string" ? payload : fields(payload).url;
    return typeof url === "string" ? { ...plain, url, followsRedirects: true } : null;
  }
  const given = fields(payload);
  if (handler !== "http" || typeof given.url !== "string") return null;
  const body = bodyOf(given.body);
  return {
    method: typeof given.method === "string" ? given.method : body === null ? "GET" : "POST",
    url: given.url,
    headers: headersOf(given.headers, given.body),
    body,
    followsRedirects: given.redirects === "follow",
    auth: fields(given.auth),
    proxy: typeof given.proxy === "string" ? given.proxy : null,
    tls: fields(given.tls),
    isSigned: given.sign !== undefined && given.sign !== null,
  };
}

const plain: Call = {
  ...{ method: "GET", url: "", headers: [], body: null, followsRedirects: false },
  ...{ auth: {}, proxy: null, tls: {}, isSigned: false },
};

export function fields(value: unknown): Fields {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  return isObject ? (value as Fields) : {};
}

function bodyOf(body: unknown): string | null {
  if (body === undefined || body === null) return null;
  return typeof body === "string" ? body : writeExact(body);
}

/** The task's own headers, and that for the body where it names none. */
function headersOf(given: unknown, body: unknown): Call["headers"] {
  const headers = Object.entries(fields(given)).map(([name, value]): [string, string] => [
    name,
    String(value),
  ]);
  if (bodyOf(body) === null || headers.some(([name]) => name.toLowerCase() === "content-type"))
    return headers;
  const type = typeof body === "string" ? "text/plain; charset=utf-8" : "application/json";
  return [["Content-Type", type], ...headers];
}
