import { useRouterState } from "@tanstack/react-router";
import { useEffect, useRef } from "react";

/**
 * Moves the focus to the content when another page is shown, so that keyboards and screen readers go on there and not
 * at a link that is gone. A run opens within its page and takes the focus itself.
 */
export function useMainFocus() {
  const main = useRef<HTMLElement>(null);
  const page = useRouterState({ select: (s) => s.location.pathname.replace(/^\/runs\/.*/, "/runs") });
  const shown = useRef(page);
  useEffect(() => {
    if (shown.current === page) return;
    shown.current = page;
    main.current?.focus({ preventScroll: true });
  }, [page]);
  return main;
}
