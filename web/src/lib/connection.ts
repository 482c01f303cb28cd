import { useSyncExternalStore } from "react";

/** Whether the API answers, and when it last did (milliseconds; null: it never has). */
export type Connection = { isLost: boolean; answeredAt: number | null };

let current: Connection = { isLost: false, answeredAt: null };
let answeredAt: number | null = null;
const listeners = new Set<() => void>();

function set(next: Connection) {
  current = next;
  for (const listener of listeners) listener();
}

/** Every answer of the API, a refusal too, says that it is there. */
export function connected(now: number) {
  answeredAt = now;
  if (current.isLost) set({ isLost: false, answeredAt });
}

export function disconnected() {
  if (!current.isLost) set({ isLost: true, answeredAt });
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

export function useConnection(): Connection {
  return useSyncExternalStore(subscribe, () => current);
}
