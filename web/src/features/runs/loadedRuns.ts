import { replaceEqualDeep } from "@tanstack/react-query";
import type { RunItem } from "@/lib/run";

/** The runs read so far, in the server's order and without a hole, and where to go on behind the last. */
export type LoadedRuns = { runs: readonly RunItem[]; cursor: string | null };
export type Page = { items: readonly RunItem[]; next_cursor?: string | null };

export const noRuns: LoadedRuns = { runs: [], cursor: null };

/**
 * Takes in the newest page. What lies behind it stays. Where the page shares no run with what is known, more came than
 * fits into a page: there would be a hole, so reading begins anew. A run that is as it was stays the same object, so
 * that its row need not be drawn anew.
 */
export function mergeNewest(loaded: LoadedRuns, page: Page): LoadedRuns {
  const known = new Map(loaded.runs.map((r) => [r.id, r]));
  const items = page.items.map((r): RunItem => replaceEqualDeep(known.get(r.id), r));
  const fresh = new Set(items.map((r) => r.id));
  const lastShared = loaded.runs.findLastIndex((r) => fresh.has(r.id));
  if (lastShared === -1 || !page.next_cursor) return { runs: items, cursor: page.next_cursor ?? null };
  const behind = loaded.runs.slice(lastShared + 1);
  return { runs: [...items, ...behind], cursor: behind.length > 0 ? loaded.cursor : page.next_cursor };
}

/** Takes in the page behind the last run. */
export function appendOlder(loaded: LoadedRuns, page: Page): LoadedRuns {
  const known = new Set(loaded.runs.map((r) => r.id));
  return {
    runs: [...loaded.runs, ...page.items.filter((r) => !known.has(r.id))],
    cursor: page.next_cursor ?? null,
  };
}

/**
 * What a reader who has scrolled away sees: the rows that were there, in their places, with what became of them; and
 * how many are new. Rows vanish and appear only when the reader asks.
 */
export function keepRows(shown: LoadedRuns, latest: LoadedRuns): { loaded: LoadedRuns; waiting: number } {
  const now = new Map(latest.runs.map((r) => [r.id, r]));
  const there = new Set(shown.runs.map((r) => r.id));
  const runs = shown.runs.map((r) => now.get(r.id) ?? r);
  return { loaded: { ...shown, runs }, waiting: latest.runs.filter((r) => !there.has(r.id)).length };
}
