import { HttpResponse, type HttpResponseResolver, http } from "msw";
import { setupServer } from "msw/node";
import { parseSearch, type Search } from "@/app/search";
import type { FieldError } from "@/lib/problem";

const nothingPromised = {
  ...{
    from: "2026-01-01T11:00:00.000Z",
    to: "2026-01-01T12:00:00.000Z",
    text: "No run was due.",
    bucket: "PT1M",
  },
  ...{
    promised: 0,
    kept: 0,
    share: null,
    recovered: 0,
    outcomes: {},
    lateness: null,
    broken: {},
    missed: {},
  },
  ...{ stages: {}, slowest_stage: null, buckets: [], looked_at: null, notes: [] },
};

const noRuns = {
  ...{ task_id: "any", text: "No run has ended.", looked_at: { runs: 0, since: null, complete: true } },
  ...{ promised: 0, kept: 0, share: null, recovered: 0, outcomes: {}, lateness: null, duration: null },
  ...{ success_rate: null, stages: {}, slowest_stage: null, last_failures: [], streak: null },
};

/** Stands in for the API: what each test needs, it says by `server.use`. */
export const server = setupServer(
  http.get("*/api/v1/session", () => HttpResponse.json({ keys: false, name: null, role: "admin", tags: [] })),
  http.get("*/api/v1/recent-runs", () => HttpResponse.json({ tasks: {} })),
  http.get("*/api/v1/stats/promise", () => HttpResponse.json(nothingPromised)),
  http.get("*/api/v1/tasks/:id/stats", () => HttpResponse.json(noRuns)),
  http.get("*/api/v1/handlers", () =>
    HttpResponse.json({
      items: [
        { name: "default", description: "Prints the log line.", payload_schema: {} },
        { name: "curl", description: "Calls a URL.", payload_schema: {} },
      ],
    }),
  ),
);

export function problem(status: number, detail: string, errors: FieldError[] = []) {
  const body = { type: "about:blank", title: "No", status, detail, errors };
  return HttpResponse.json(body, { status, headers: { "content-type": "application/problem+json" } });
}

/** A request as it came: what tests look at. */
export type Seen = {
  method: string;
  path: string;
  search: Search;
  headers: Headers;
  body: unknown;
};

/** Remembers the requests of one route and answers them. */
export function record(
  method: "get" | "post" | "put" | "delete",
  path: string,
  respond: (seen: Seen) => Response | Promise<Response>,
): Seen[] {
  const seen: Seen[] = [];
  const resolver: HttpResponseResolver = async ({ request }) => {
    const url = new URL(request.url);
    const text = await request.text();
    const one: Seen = {
      method: request.method,
      path: url.pathname,
      search: parseSearch(url.search),
      headers: request.headers,
      body: text ? JSON.parse(text) : undefined,
    };
    seen.push(one);
    return respond(one);
  };
  server.use(http[method](`*/api/v1${path}`, resolver));
  return seen;
}
