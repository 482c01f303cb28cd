import { type Changes, parseChanges } from "./hints";
import { lead } from "./leadership";

const URL = "/api/v1/stream";
const CHANNEL = "tasker-live";
const AGAIN_MS = 3_000;
const LATEST_MS = 60_000;

/** What tabs tell each other: what has changed (`reset`: anything may have), and whether the stream is open. */
export type LiveMessage =
  | { type: "changes"; changes: Changes }
  | { type: "reset" }
  | { type: "open"; isOpen: boolean }
  | { type: "who-leads" };

/** Holds the stream open (docs/live-changes.md), and tells what it says. Returns what ends it. */
export function holdStream(tell: (message: LiveMessage) => void): () => void {
  let source: EventSource | undefined;
  let again: ReturnType<typeof setTimeout> | undefined;
  let pause = AGAIN_MS;

  function open() {
    source = new EventSource(URL);
    source.addEventListener("open", (event) => {
      pause = AGAIN_MS;
      tell({ type: "open", isOpen: true });
      // The browser's own event of this name has no data.
      if (event instanceof MessageEvent && !JSON.parse(event.data).resumed) tell({ type: "reset" });
    });
    source.addEventListener("changes", (event) => {
      const changes = parseChanges(event.data);
      if (changes) tell({ type: "changes", changes });
    });
    source.addEventListener("reset", () => tell({ type: "reset" }));
    source.addEventListener("error", () => {
      tell({ type: "open", isOpen: false });
      // Closed: the browser has given up, after an answer other than 200; else it comes again by itself.
      if (source?.readyState !== EventSource.CLOSED) return;
      again = setTimeout(open, pause);
      pause = Math.min(2 * pause, LATEST_MS);
    });
  }

  open();
  return () => {
    source?.close();
    clearTimeout(again);
  };
}

/** Hears the stream, which one tab holds for all of them: a browser has six connections. Returns what ends it. */
export function joinStream(hear: (message: LiveMessage) => void): () => void {
  if (!("EventSource" in globalThis && "BroadcastChannel" in globalThis)) return () => {};
  const others = new BroadcastChannel(CHANNEL);
  let isLeading = false;
  let isOpen = false;
  others.onmessage = ({ data }: MessageEvent<LiveMessage>) => {
    if (data.type !== "who-leads") hear(data);
    else if (isLeading) others.postMessage({ type: "open", isOpen } satisfies LiveMessage);
  };
  others.postMessage({ type: "who-leads" } satisfies LiveMessage);
  const resign = lead(CHANNEL, () => {
    isLeading = true;
    return holdStream((message) => {
      if (message.type === "open") isOpen = message.isOpen;
      hear(message);
      others.postMessage(message);
    });
  });
  return () => {
    resign();
    others.close();
  };
}
