import { useEffect, useEffectEvent } from "react";

const forms = new Set<() => boolean>();

/** Makes known that what was typed on the page may be lost: to those who end the page without leaving its address. */
export function useUnsaved(isUnsaved: () => boolean) {
  const ask = useEffectEvent(isUnsaved);
  useEffect(() => {
    const form = () => ask();
    forms.add(form);
    return () => void forms.delete(form);
  }, []);
}

/** Whether anything that was typed on the page would be lost with it. */
export function isAnythingUnsaved(): boolean {
  return [...forms].some((isUnsaved) => isUnsaved());
}
