import { useEffect, useState } from "react";

const NEAR_TOP = 120;

/** Whether the log follows what happens: while it is wanted, and its reader has not scrolled away from the top. */
export function useFollowing() {
  const [isWanted, setWanted] = useState(true);
  const [isAtTop, setAtTop] = useState(true);
  useEffect(() => {
    const look = () => setAtTop(window.scrollY < NEAR_TOP);
    look();
    window.addEventListener("scroll", look, { passive: true });
    return () => window.removeEventListener("scroll", look);
  }, []);
  return { isFollowing: isWanted && isAtTop, isWanted, setWanted };
}
