import { useEffect, useRef } from "react";

/** Gives the focus back to the row of a run when the run is closed. */
export function useReturnedFocus(openRun?: string) {
  const before = useRef(openRun);
  useEffect(() => {
    const closed = before.current;
    before.current = openRun;
    if (closed && !openRun) {
      document
        .querySelector<HTMLElement>(`[data-run="${CSS.escape(closed)}"]`)
        ?.focus({ preventScroll: true });
    }
  }, [openRun]);
}
