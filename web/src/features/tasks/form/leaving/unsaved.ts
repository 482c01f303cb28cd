import { readJson, setOut } from "@/lib/json";
import type { Draft } from "../draft";

/** Whether anything was typed or chosen since; how the payload is looked at and set out is no change. */
export function isChanged(draft: Draft, opened: Draft): boolean {
  return typed(draft) !== typed(opened);
}

function typed(draft: Draft): string {
  // The keys of lists only hold places on screen.
  return JSON.stringify({ ...draft, payloadView: null, payload: compact(draft.payload) }, (name, value) =>
    name === "key" ? undefined : value,
  );
}

/** In the lines that it would be set out in; a text that is no JSON as it is. */
function compact(text: string): string {
  return readJson(text).problem ? text.trim() : setOut(text);
}
