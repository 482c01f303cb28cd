import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { notifyFailed } from "@/components/notify";
import type { RunFilters } from "./filters";
import { appendOlder, keepRows, type LoadedRuns, mergeNewest, noRuns, withNews } from "./loadedRuns";
import { fetchRuns, newestQuery } from "./queries";
import { useNewsOf } from "./useNewsOf";

/**
 * The execution log as it grows. While `isFollowing`, new runs come in on top; else the rows keep their places and the
 * new ones are counted. Mount it anew (by a key) for other filters.
 */
export function useLoadedRuns(filters: RunFilters, isFollowing: boolean) {
  const { data: newest, error, isPending, refetch } = useQuery(newestQuery(filters));
  const [latest, setLatest] = useState<LoadedRuns>(noRuns);
  const [shown, setShown] = useState<LoadedRuns | null>(null);
  const [isLoadingOlder, setLoadingOlder] = useState(false);

  useEffect(() => {
    if (newest) setLatest((loaded) => mergeNewest(loaded, newest));
  }, [newest]);
  useEffect(() => {
    if (isFollowing) setShown(null);
    else if (latest !== noRuns) setShown((before) => before ?? latest);
  }, [isFollowing, latest]);

  async function loadOlder() {
    const from = view.loaded.cursor;
    if (!from) return;
    setLoadingOlder(true);
    try {
      const page = await fetchRuns(filters, from);
      setShown((loaded) => loaded && appendOlder(loaded, page));
      // The latest may have begun anew meanwhile; then this page lies behind a hole and is not its.
      setLatest((loaded) => (loaded.cursor === from ? appendOlder(loaded, page) : loaded));
    } catch (error) {
      notifyFailed("Older runs could not be loaded", error);
    } finally {
      setLoadingOlder(false);
    }
  }

  const view =
    shown && !isFollowing ? keepRows(shown, latest) : { loaded: latest, waiting: 0, isMore: false };
  const news = useNewsOf(view.loaded.runs, newest);
  useEffect(() => {
    setLatest((loaded) => withNews(loaded, news));
    setShown((loaded) => loaded && withNews(loaded, news));
  }, [news]);
  return {
    runs: view.loaded.runs,
    waiting: view.waiting,
    isMoreWaiting: view.isMore,
    hasOlder: view.loaded.cursor !== null,
    isLoadingOlder,
    loadOlder,
    showNew: () => setShown(latest),
    isPending: isPending || (newest !== undefined && latest === noRuns),
    error: newest ? null : error,
    retry: () => void refetch(),
  };
}
