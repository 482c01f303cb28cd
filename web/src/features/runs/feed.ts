import type { RunItem } from "@/lib/run";

/** The runs read so far, in the server's order and without a hole, and where to go on behind the last. */
export type Feed = { runs: readonly RunItem[]; cursor: string | null };
export type Page = { items: readonly RunItem[]; next_cursor?: string | null };

export const nothing: Feed = { runs: [], cursor: null };

/**
 * Takes in the newest page. What lies behind it stays. Where the page shares no run with what is known, more came than
 * fits into a page: there would be a hole, so reading begins anew.
 */
export function absorb(feed: Feed, page: Page): Feed {
  const fresh = new Set(page.items.map((r) => r.id));
  const lastShared = feed.runs.findLastIndex((r) => fresh.has(r.id));
  if (lastShared === -1 || !page.next_cursor) return { runs: page.items, cursor: page.next_cursor ?? null };
  const behind = feed.runs.slice(lastShared + 1);
  return { runs: [...page.items, ...behind], cursor: behind.length > 0 ? feed.cursor : page.next_cursor };
}

/** Takes in the page behind the last run. */
export function append(feed: Feed, page: Page): Feed {
  const known = new Set(feed.runs.map((r) => r.id));
  return {
    runs: [...feed.runs, ...page.items.filter((r) => !known.has(r.id))],
    cursor: page.next_cursor ?? null,
  };
}

/**
 * What a reader who has scrolled away sees: the rows that were there, in their places, with what became of them; and
 * how many are new. Rows vanish and appear only when the reader asks.
 */
export function held(shown: Feed, latest: Feed): { feed: Feed; waiting: number } {
  const now = new Map(latest.runs.map((r) => [r.id, r]));
  const there = new Set(shown.runs.map((r) => r.id));
  const runs = shown.runs.map((r) => now.get(r.id) ?? r);
  return { feed: { ...shown, runs }, waiting: latest.runs.filter((r) => !there.has(r.id)).length };
}
