import { relative, useInstants } from "@/lib/instant";
import { useNow } from "@/lib/now";

/** An instant as distance from now; the exact time, with its zone, on hover. `zone`: that of its task. */
export function RelativeTime({ at, zone }: { at: string; zone?: string | null }) {
  const now = useNow();
  const { exact } = useInstants(zone);
  return (
    <time dateTime={at} data-hint={exact(at)}>
      {relative(at, now)}
    </time>
  );
}
