import { Tooltip } from "@mantine/core";
import { exact, relative } from "@/lib/instant";
import { useNow } from "@/lib/now";

/** An instant as distance from now; the exact time, with its zone, on hover. */
export function RelativeTime({ at }: { at: string }) {
  const now = useNow();
  return (
    <Tooltip label={exact(at)} openDelay={200}>
      <time dateTime={at}>{relative(at, now)}</time>
    </Tooltip>
  );
}
