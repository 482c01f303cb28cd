import { useEffect, useRef } from "react";

/** What Escape closes before it closes a part of the page. */
const LAYERS =
  '[aria-modal="true"], [role="dialog"], [role="menu"], [role="listbox"], [aria-expanded="true"]';

/**
 * Escape closes a part of the page, unless it is meant for a dialog or a menu that lies over it. Which one is meant is
 * judged before anybody has answered the key: afterwards the dialog may be gone already.
 */
export function useEscape(onEscape: () => void) {
  const latest = useRef(onEscape);
  useEffect(() => {
    latest.current = onEscape;
  });
  useEffect(() => {
    let isMeant = false;
    const judge = (event: KeyboardEvent) => {
      isMeant = event.key === "Escape" && !isForLayer(event);
    };
    const answer = (event: KeyboardEvent) => {
      if (isMeant && event.key === "Escape" && !event.defaultPrevented) latest.current();
    };
    window.addEventListener("keydown", judge, { capture: true });
    document.addEventListener("keydown", answer);
    return () => {
      window.removeEventListener("keydown", judge, { capture: true });
      document.removeEventListener("keydown", answer);
    };
  }, []);
}

/** The path of an event stays as it was, though a listener before this one has taken the dialog away. */
function isForLayer(event: KeyboardEvent): boolean {
  const within = event.composedPath().some((one) => one instanceof Element && one.matches(LAYERS));
  return within || document.querySelector('[aria-modal="true"]') !== null;
}
