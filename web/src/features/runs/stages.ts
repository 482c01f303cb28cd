import type { Run } from "@/lib/run";

export type Stage = {
  name: string;
  meaning: string;
  at: string;
  /** Milliseconds since the stage before it; null for the first. */
  since: number | null;
  /** Where the time since the stage before lies within the whole, as shares of it from 0 to 1. */
  from: number;
  to: number;
};

type Instants = Pick<
  Run,
  "nominal_at" | "effective_at" | "emitted_at" | "received_at" | "started_at" | "finished_at" | "logged_at"
>;

/** What a run went through so far, in the order of the stages. `emitted` may lie shortly before `nominal`. */
export function stages(run: Instants): Stage[] {
  const named: [name: string, meaning: string, at: string | null | undefined][] = [
    ["Nominal", "what the schedule says", run.nominal_at],
    ["Effective", "nominal and spread", run.effective_at === run.nominal_at ? null : run.effective_at],
    ["Emitted", "handed to the executors", run.emitted_at],
    ["Received", "an executor has it", run.received_at],
    ["Started", "the handler begins", run.started_at],
    ["Finished", "the handler is done", run.finished_at],
    ["Logged", "written down", run.finished_at ? run.logged_at : null],
  ];
  const known = named.filter((s): s is [string, string, string] => Boolean(s[2]));
  const instants = known.map(([, , at]) => Date.parse(at));
  const first = Math.min(...instants);
  const whole = Math.max(...instants) - first || 1;
  return known.map(([name, meaning, at], i) => {
    const now = instants[i] ?? first;
    const before = instants[i - 1];
    const shares = [((before ?? now) - first) / whole, (now - first) / whole] as const;
    return {
      ...{ name, meaning, at },
      since: before === undefined ? null : now - before,
      from: Math.min(...shares),
      to: Math.max(...shares),
    };
  });
}
