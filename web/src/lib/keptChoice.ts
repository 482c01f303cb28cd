import { useSyncExternalStore } from "react";

/** One of several words that the viewer chooses for all tabs and for the next time; the first holds until then. */
export type KeptChoice<T extends string> = { use: () => T; get: () => T; choose: (word: T) => void };

/** A choice that is kept in this browser under `key`; where it keeps nothing, the choice holds for this tab. */
export function keptChoice<T extends string>(key: string, words: readonly [T, ...T[]]): KeptChoice<T> {
  const listeners = new Set<() => void>();
  let current = stored();

  function stored(): T {
    try {
      const text = localStorage.getItem(key);
      return words.find((one) => one === text) ?? words[0];
    } catch {
      return words[0];
    }
  }

  function tell(word: T) {
    current = word;
    for (const listener of listeners) listener();
  }

  function hear(event: StorageEvent) {
    if (event.key === key || event.key === null) tell(stored());
  }

  function subscribe(listener: () => void) {
    if (listeners.size === 0) window.addEventListener("storage", hear);
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) window.removeEventListener("storage", hear);
    };
  }

  return {
    use: () => useSyncExternalStore(subscribe, () => current),
    get: () => current,
    choose: (word) => {
      try {
        localStorage.setItem(key, word);
      } catch {
        // it holds for this tab
      }
      tell(word);
    },
  };
}
