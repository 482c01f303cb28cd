import { DescriptionItem } from "@/components/DescriptionList";
import { spoken } from "@/lib/duration";
import type { Misfire, Overlap, Retry, Schedule, Task } from "@/lib/task";

const overlaps: Record<Overlap, string> = {
  allow: "a new run starts beside an unfinished one",
  skip: "a new run is skipped while another one is unfinished",
  queue_one: "one new run waits for the unfinished one",
  queue_all: "new runs wait for the unfinished one, one after the other",
  replace: "a new run cancels the unfinished one",
};

/** How a task's times are bounded and its runs carried out, as far as that is not as usual. */
export function TaskOptions({ task }: { task: Task }) {
  const bounds = boundsOf(task.schedule);
  const { retry, overlap, misfire } = task;
  return (
    <>
      {bounds.length > 0 && <DescriptionItem name="Bounds">{bounds.join(", ")}</DescriptionItem>}
      {overlap !== "allow" && overlap && (
        <DescriptionItem name="Overlap">{overlaps[overlap]}</DescriptionItem>
      )}
      {(retry.max_attempts ?? 1) > 1 && <DescriptionItem name="Attempts">{attempts(retry)}</DescriptionItem>}
      {task.max_consecutive_failures != null && (
        <DescriptionItem name="Pauses itself">{afterFailures(task.max_consecutive_failures)}</DescriptionItem>
      )}
      {late(misfire) && <DescriptionItem name="Late runs">{late(misfire)}</DescriptionItem>}
      {task.notify.length > 0 && (
        <DescriptionItem name="Tells">
          {task.notify.map((one) => (
            <div key={JSON.stringify(one)}>{told(one)}</div>
          ))}
        </DescriptionItem>
      )}
      <DescriptionItem name="Timeout">
        {spoken(task.timeout)} <span className="dim">for each attempt</span>
      </DescriptionItem>
    </>
  );
}

function boundsOf(schedule: Schedule): string[] {
  const { start, end, max_runs, exclude, spread }: Partial<Extract<Schedule, { every: string }>> = {
    ...schedule,
  } as object;
  return [
    start ? `not before ${start}` : "",
    end ? `not after ${end}` : "",
    max_runs ? `${max_runs} ${max_runs === 1 ? "run" : "runs"}` : "",
    exclude?.length ? `without ${exclude.join(", ")}` : "",
    spread ? `spread over ${spoken(spread)}` : "",
  ].filter(Boolean);
}

function attempts({ max_attempts, initial, factor, max, max_age }: Retry): string {
  const grows = factor === 1 ? "" : `, growing ${factor}-fold up to ${spoken(max ?? "")}`;
  const pause = `${spoken(initial ?? "")} after a failure${grows}`;
  return `up to ${max_attempts}: ${pause}; for ${spoken(max_age ?? "")} at most`;
}

/** Who is told of what: the host of a URL, since the rest of it may be confidential. */
function told({ on, late, webhook, kafka }: Task["notify"][number]): string {
  const target = webhook ? hostOf(webhook.url) : `the topic ${kafka?.topic}`;
  const words = on.map((word) => (word === "late" && late ? `late (over ${spoken(late)})` : word));
  return `${target} of ${words.join(", ")}`;
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url;
}

function afterFailures(most: number): string {
  return most === 1 ? "after a failure" : `after ${most} failures in a row`;
}

/** Empty for the usual: the newest one runs, and a minute of grace. */
function late({ policy = "latest", grace = "PT1M", max }: Misfire): string {
  if (policy === "latest" && grace === "PT1M") return "";
  const runs = { latest: "the newest one runs", all: `the newest ${max} run`, none: "none runs" }[policy];
  return `of those over ${spoken(grace)} late, ${runs}`;
}
