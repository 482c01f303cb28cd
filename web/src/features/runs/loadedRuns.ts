import { replaceEqualDeep } from "@tanstack/react-query";
import type { RunItem } from "@/lib/run";

/** The runs read so far, in the server's order and without a hole, and where to go on behind the last. */
export type LoadedRuns = { runs: readonly RunItem[]; cursor: string | null };
export type Page = { items: readonly RunItem[]; next_cursor?: string | null };

export const noRuns: LoadedRuns = { runs: [], cursor: null };

/** So many runs are held at most while new ones come in: a log that stays open for days is as quick as a new one. */
export const MOST = 500;

/**
 * Takes in the newest page. What lies behind it stays. Where the page shares no run with what is known, more came than
 * fits into a page: there would be a hole, so reading begins anew; so it does where there would be too many. A run that
 * is as it was stays the same object, so that its row need not be drawn anew.
 */
export function mergeNewest(loaded: LoadedRuns, page: Page): LoadedRuns {
  const known = new Map(loaded.runs.map((r) => [r.id, r]));
  const items = page.items.map((r): RunItem => replaceEqualDeep(known.get(r.id), r));
  const fresh = new Set(items.map((r) => r.id));
  const lastShared = loaded.runs.findLastIndex((r) => fresh.has(r.id));
  const behind = loaded.runs.slice(lastShared + 1);
  if (lastShared === -1 || !page.next_cursor || items.length + behind.length > MOST) {
    return { runs: items, cursor: page.next_cursor ?? null };
  }
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

/** The same runs, with what has become of some of them. */
export function withNews(loaded: LoadedRuns, news: readonly RunItem[]): LoadedRuns {
  const found = new Map(news.map((r) => [r.id, r]));
  const runs = loaded.runs.map((r): RunItem => replaceEqualDeep(r, found.get(r.id) ?? r));
  return runs.every((r, i) => r === loaded.runs[i]) ? loaded : { ...loaded, runs };
}

/** What a reader sees of runs beside these: how many are new, and whether there are more of them than are known. */
type Kept = { loaded: LoadedRuns; waiting: number; isMore: boolean };

/**
 * What a reader who has scrolled away sees: the rows that were there, in their places, with what became of them; and
 * how many are new. Rows vanish and appear only when the reader asks.
 */
export function keepRows(shown: LoadedRuns, latest: LoadedRuns): Kept {
  const now = new Map(latest.runs.map((r) => [r.id, r]));
  const there = new Set(shown.runs.map((r) => r.id));
  const runs = shown.runs.map((r) => now.get(r.id) ?? r);
  const waiting = latest.runs.filter((r) => !there.has(r.id)).length;
  const isMore = shown.runs.length > 0 && waiting > 0 && waiting === latest.runs.length;
  return { loaded: { ...shown, runs }, waiting, isMore };
}
