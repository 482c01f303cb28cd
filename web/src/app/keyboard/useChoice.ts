import type { useCombobox } from "@mantine/core";
import { type KeyboardEvent, useEffect, useEffectEvent, useRef, useState } from "react";

type Options = {
  store: ReturnType<typeof useCombobox>;
  /** What is listed, in its order. */
  ids: readonly string[];
  /** Some of it was found for what was typed before, or what is found for what is typed now is still to come. */
  isOld: boolean;
  choose: (id: string) => void;
};

/**
 * Enter is for the entry that arrows have chosen, else for the first that is found for all that is typed, however late it
 * comes: not for what happens to be listed when the key is pressed. What is typed or chosen after it takes it back.
 */
export function useChoice({ store, ids, isOld, choose }: Options) {
  const [isAwaited, setAwaited] = useState(false);
  const isMoved = useRef(false);
  const before = useRef<readonly string[]>([]);

  const follow = useEffectEvent(() => {
    const at = ids.indexOf(before.current[store.getSelectedOptionIndex()] ?? "");
    before.current = ids;
    isMoved.current &&= at >= 0;
    if (isMoved.current) store.selectOption(at);
    else store.selectFirstOption();
  });
  const listed = ids.join("\n");
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is listed changes which place the entry has
  useEffect(() => follow(), [listed]);

  const take = useEffectEvent(() => {
    setAwaited(false);
    const [first] = ids;
    if (first !== undefined) choose(first);
  });
  const isThere = isAwaited && !isOld;
  useEffect(() => {
    if (isThere) take();
  }, [isThere]);

  /** Before the list itself hears of the key. */
  function onKeyDownCapture(event: KeyboardEvent) {
    if (event.nativeEvent.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      isMoved.current = true;
      setAwaited(false);
    } else if (event.key === "Enter" && isOld && !isMoved.current) {
      event.preventDefault();
      event.stopPropagation();
      setAwaited(true);
    }
  }
  function onType() {
    isMoved.current = false;
    setAwaited(false);
    store.selectFirstOption();
  }
  return { onKeyDownCapture, onType };
}
