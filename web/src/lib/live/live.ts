import type { Query, QueryCacheNotifyEvent, QueryClient } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import { type Changes, concerns } from "./hints";
import { joinStream, type LiveMessage } from "./stream";

/** Pages are read anew at most this often for what the stream tells. */
const FLUSH_MS = 1_500;
/** While the stream tells what changes, pages look by themselves this seldom: nothing depends on the stream alone. */
const SELDOM_MS = 30_000;

let isLive = false;
const listeners = new Set<() => void>();

function setLive(next: boolean) {
  if (next === isLive) return;
  isLive = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/** Whether changes are told as they happen; else pages ask for them. */
export function useIsLive(): boolean {
  return useSyncExternalStore(subscribe, () => isLive);
}

/** How often a page asks by itself: seldom while it is told of changes, else every so many milliseconds. */
export function every(ms: number): () => number {
  return () => (isLive ? Math.max(ms, SELDOM_MS) : ms);
}

/** Reads anew what the stream says has changed, of what is shown. Returns what ends that. */
export function followChanges(client: QueryClient, join: typeof joinStream = joinStream): () => void {
  let waiting: Changes[] = [];
  let isAll = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let flushedAt = 0;
  const late = new Set<string>();

  function flush() {
    timer = undefined;
    flushedAt = performance.now();
    const [changes, all] = [waiting, isAll];
    [waiting, isAll] = [[], false];
    const isMeant = (query: Query) => all || changes.some((one) => concerns(query.queryKey, one));
    // A read that is under way may not have what is told now. It is let come, or else one that takes longer than hints
    // follow one another would never do so; what it shows is read once more then.
    const busy = client
      .getQueryCache()
      .findAll({ type: "active", fetchStatus: "fetching", predicate: isMeant });
    for (const query of busy) late.add(query.queryHash);
    void client.invalidateQueries({ predicate: (query) => isMeant(query) && !late.has(query.queryHash) });
  }
  function readLate({ type, query }: QueryCacheNotifyEvent) {
    if (type !== "updated" || query.state.fetchStatus !== "idle" || !late.delete(query.queryHash)) return;
    const queryHash = query.queryHash;
    void client.invalidateQueries({ predicate: (one) => one.queryHash === queryHash });
  }
  function soon() {
    timer ??= setTimeout(flush, Math.max(0, flushedAt + FLUSH_MS - performance.now()));
  }
  function hear(message: LiveMessage) {
    // Who was told seldom asks; where nobody tells any more, pages ask at once, and often from then on.
    if (message.type === "open" && isLive && !message.isOpen) isAll = true;
    if (message.type === "open") setLive(message.isOpen);
    if (message.type === "changes") waiting.push(message.changes);
    if (message.type === "reset") isAll = true;
    if (isAll || waiting.length > 0) soon();
  }

  const leave = join(hear);
  const leaveCache = client.getQueryCache().subscribe(readLate);
  return () => {
    leave();
    leaveCache();
    clearTimeout(timer);
    setLive(false);
  };
}
