/** What the handlers `curl` and `http` record of an answer. */
export type Response = {
  url: string;
  status: number;
  headers: Record<string, string>;
  body: string;
  truncated: boolean;
  redirects?: number;
  elapsed_ms?: number;
};

/** The answer in a result; null where it holds none, such as one that was reported to a callback. */
export function responseOf(handler: string, result: unknown): Response | null {
  if (handler !== "http" && handler !== "curl") return null;
  const found = result as Partial<Response> | null;
  const isOne =
    typeof found === "object" &&
    typeof found?.status === "number" &&
    typeof found.url === "string" &&
    typeof found.body === "string" &&
    typeof found.headers === "object" &&
    found.headers !== null;
  return isOne ? (found as Response) : null;
}
