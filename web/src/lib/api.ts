import createClient, { type Middleware } from "openapi-fetch";
import type { paths } from "@/client/schema";
import { connected, disconnected } from "./connection";
import { problemFrom, Unreachable } from "./problem";

/** The API of the origin that served this page. `fetch` is looked up at each call, so that tests can stand in. */
export const api = createClient<paths>({
  baseUrl: globalThis.location.origin,
  fetch: (request) => globalThis.fetch(request),
});

const channel: Middleware = {
  onRequest({ request }) {
    if (request.method !== "GET") request.headers.set("Tasker-Channel", "ui");
    return request;
  },
};
api.use(channel);

const refusalListeners = new Set<() => void>();

/** Hears of each request that was refused for its key. Returns what ends that. */
export function onRefusal(listener: () => void) {
  refusalListeners.add(listener);
  return () => void refusalListeners.delete(listener);
}

type Answer<T> = { data?: T; error?: unknown; response: Response };

/** What came, with its headers and status. Anything but success is thrown: as `Problem`, or as `Unreachable`. */
export async function answer<T>(call: Promise<Answer<T>>): Promise<{ data: T; response: Response }> {
  let got: Answer<T>;
  try {
    got = await call;
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    disconnected();
    throw new Unreachable();
  }
  if (isGateway(got.response)) {
    disconnected();
    throw new Unreachable();
  }
  connected(Date.now());
  if (got.response.status === 401) for (const listener of refusalListeners) listener();
  if (!got.response.ok) throw problemFrom(got.response.status, got.error);
  return { data: got.data as T, response: got.response };
}

export async function ask<T>(call: Promise<Answer<T>>): Promise<T> {
  return (await answer(call)).data;
}

/** 502 to 504 without a problem in the body come from a proxy whose API is away. */
function isGateway(response: Response): boolean {
  const contentType = response.headers.get("content-type") ?? "";
  return response.status >= 502 && response.status <= 504 && !contentType.includes("json");
}
