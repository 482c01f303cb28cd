import { useQuery } from "@tanstack/react-query";
import { Card } from "@/components/Card";
import { DescriptionItem, DescriptionList } from "@/components/DescriptionList";
import { Loading } from "@/components/ListStates";
import { runStateWord } from "@/components/RunStateMark";
import { inWords } from "@/lib/duration";
import { textOf } from "@/lib/problem";
import type { Outcome } from "@/lib/run";
import { percent, type TaskStats } from "@/lib/stats";
import type { Task } from "@/lib/task";
import { statsQuery } from "./statsQuery";

/** How the newest runs of a task went. */
export function Statistics({ taskId }: { taskId: Task["id"] }) {
  const { data, error } = useQuery(statsQuery(taskId));
  return (
    <Card title="Statistics" about={data && basis(data)}>
      {!data && !error && <Loading label="Loading the statistics" rows={3} />}
      {!data && error && <p className="dim">Not known: {textOf(error)}</p>}
      {data && data.looked_at.runs === 0 && <p className="dim">No run has ended yet.</p>}
      {data && data.looked_at.runs > 0 && <Numbers stats={data} />}
    </Card>
  );
}

function basis({ looked_at: { runs, complete } }: TaskStats): string {
  if (runs === 0) return "";
  const count = runs.toLocaleString("en-GB");
  if (runs === 1) return "of its one run";
  return complete ? `of all its ${count} runs in the log` : `of its newest ${count} runs`;
}

function Numbers({ stats }: { stats: TaskStats }) {
  const { success_rate, duration, lateness, streak, slowest_stage, outcomes } = stats;
  const counts = Object.entries(outcomes) as [Outcome, number][];
  const ended = counts.map(
    ([state, count]) => `${count.toLocaleString("en-GB")} ${runStateWord(state).toLowerCase()}`,
  );
  return (
    <DescriptionList>
      <DescriptionItem name="Success">
        {success_rate !== null && <strong className="num">{percent(success_rate)}</strong>}{" "}
        <span className="dim">{ended.join(", ")}</span>
      </DescriptionItem>
      {duration && (
        <DescriptionItem name="Duration">
          <Spread {...duration} />
        </DescriptionItem>
      )}
      {lateness && (
        <DescriptionItem name="Lateness">
          <Spread {...lateness} />
        </DescriptionItem>
      )}
      {slowest_stage && <DescriptionItem name="Slowest">{slowest_stage.text}</DescriptionItem>}
      {streak && streak.last_outcome !== null && (
        <DescriptionItem name="Streak">{inARow(streak)}</DescriptionItem>
      )}
    </DescriptionList>
  );
}

function Spread({ p50_ms, p99_ms, worst_ms }: NonNullable<TaskStats["duration"]>) {
  return (
    <span className="num">
      half within <strong>{inWords(p50_ms)}</strong>, 99 % within <strong>{inWords(p99_ms)}</strong>
      <span className="dim">, worst {inWords(worst_ms)}</span>
    </span>
  );
}

function inARow({ failures, last_outcome }: NonNullable<TaskStats["streak"]>): string {
  if (failures === 0) return `no failure since the last success`;
  const times = failures === 1 ? "1 failure" : `${failures.toLocaleString("en-GB")} failures in a row`;
  return last_outcome === "failed"
    ? `${times}, the newest run among them`
    : `${times} since the last success`;
}
