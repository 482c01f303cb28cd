import { Tooltip } from "@mantine/core";
import { useEffect, useState } from "react";

const DELAY = 250; // ms
type Shown = { of: HTMLElement; text: string };

/** The one tooltip of all that has `data-hint`: a tooltip of its own for each cell of a long table takes its time. */
export function Hints() {
  const [shown, setShown] = useState<Shown | null>(null);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let current: HTMLElement | null = null;
    function hide() {
      clearTimeout(timer);
      current = null;
      setShown(null);
    }
    function look({ target, type }: Event) {
      const of = target instanceof Element ? target.closest<HTMLElement>("[data-hint]") : null;
      if (of === current || (type === "focusin" && !of?.matches(":focus-visible"))) return;
      hide();
      current = of;
      if (of) timer = setTimeout(() => setShown({ of, text: of.dataset.hint ?? "" }), DELAY);
    }
    const heard = {
      pointerover: look,
      focusin: look,
      pointerdown: hide,
      focusout: hide,
      keydown: hide,
    } as const;
    for (const [type, hear] of Object.entries(heard)) document.addEventListener(type, hear);
    return () => {
      hide();
      for (const [type, hear] of Object.entries(heard)) document.removeEventListener(type, hear);
    };
  }, []);
  return shown && <Tooltip key={shown.text} target={shown.of} label={shown.text} opened />;
}
