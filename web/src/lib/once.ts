import { useRef } from "react";
import { freshId } from "./freshId";
import { Problem, Unreachable } from "./problem";

type Headers = { "Idempotency-Key": string };

/**
 * Sends a request so that the same one again, after an answer that was lost, takes effect no second time. After any other
 * answer the next request is one of its own, be it the same.
 */
export function useOnce(): <T>(body: unknown, send: (header: Headers) => Promise<T>) => Promise<T> {
  const open = useRef<{ said: string; key: string } | null>(null);
  return async (body, send) => {
    const said = JSON.stringify(body);
    const { key } = open.current?.said === said ? open.current : { key: freshId() };
    open.current = { said, key };
    try {
      const answered = await send({ "Idempotency-Key": key });
      open.current = null;
      return answered;
    } catch (error) {
      if (!isUnknown(error)) open.current = null;
      throw error;
    }
  };
}

/** Whether a request that failed may have taken effect all the same. */
export function isUnknown(error: unknown): boolean {
  return error instanceof Unreachable || (error instanceof Problem && error.status >= 500);
}
