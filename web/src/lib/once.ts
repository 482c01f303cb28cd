import { useRef } from "react";
import { freshId } from "./freshId";
import { Problem, Unreachable } from "./problem";

type Headers = { "Idempotency-Key": string };

/**
 * Sends a request so that the same one again, after an answer that was lost, takes effect no second time, whatever else is
 * sent meanwhile. After any other answer the next request is one of its own, be it the same.
 */
export function useOnce(): <T>(body: unknown, send: (header: Headers) => Promise<T>) => Promise<T> {
  /** The keys of what has no answer yet, by what it says. */
  const open = useRef(new Map<string, string>());
  return async (body, send) => {
    const said = JSON.stringify(body);
    const key = open.current.get(said) ?? freshId();
    open.current.set(said, key);
    try {
      const answered = await send({ "Idempotency-Key": key });
      open.current.delete(said);
      return answered;
    } catch (error) {
      if (!isUnknown(error)) open.current.delete(said);
      throw error;
    }
  };
}

/** Whether a request that failed may have taken effect all the same. */
export function isUnknown(error: unknown): boolean {
  return error instanceof Unreachable || (error instanceof Problem && error.status >= 500);
}
