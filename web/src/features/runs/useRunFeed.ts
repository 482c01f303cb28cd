import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { notifyFailed } from "@/components/notify";
import { absorb, append, type Feed, held, nothing } from "./feed";
import type { RunFilters } from "./filters";
import { fetchRuns, newestQuery } from "./queries";

/**
 * The execution log as it grows. While `isFollowing`, new runs come in on top; else the rows keep their places and the
 * new ones are counted. Mount it anew (by a key) for other filters.
 */
export function useRunFeed(filters: RunFilters, isFollowing: boolean) {
  const { data: newest, error, isPending, refetch } = useQuery(newestQuery(filters));
  const [latest, setLatest] = useState<Feed>(nothing);
  const [shown, setShown] = useState<Feed | null>(null);
  const [isLoadingOlder, setLoadingOlder] = useState(false);

  useEffect(() => {
    if (newest) setLatest((feed) => absorb(feed, newest));
  }, [newest]);
  useEffect(() => {
    if (isFollowing) setShown(null);
    else if (latest !== nothing) setShown((before) => before ?? latest);
  }, [isFollowing, latest]);

  async function loadOlder() {
    const from = view.feed.cursor;
    if (!from) return;
    setLoadingOlder(true);
    try {
      const page = await fetchRuns(filters, from);
      setShown((feed) => feed && append(feed, page));
      // The latest may have begun anew meanwhile; then this page lies behind a hole and is not its.
      setLatest((feed) => (feed.cursor === from ? append(feed, page) : feed));
    } catch (error) {
      notifyFailed("Older runs could not be loaded", error);
    } finally {
      setLoadingOlder(false);
    }
  }

  const view = shown && !isFollowing ? held(shown, latest) : { feed: latest, waiting: 0 };
  return {
    runs: view.feed.runs,
    waiting: view.waiting,
    hasOlder: view.feed.cursor !== null,
    isLoadingOlder,
    loadOlder,
    showNew: () => setShown(latest),
    isPending: isPending || (newest !== undefined && latest === nothing),
    error: newest ? null : error,
    retry: () => void refetch(),
  };
}
