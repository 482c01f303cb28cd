import { randomId } from "@mantine/hooks";
import type { MemberSchedule, Schedule } from "@/lib/task";
import { type Options, SCHEDULE_OPTIONS, scheduleOptions } from "../options";
import { blankSingle, filledSingle, MAIN, type Single, type SingleKind, sentSingle } from "./single";

/** A member of `any`. The key holds its place on screen while others come and go. */
export type Member = Single & { key: string };
export type Kind = SingleKind | "any" | "manual";

/** When, as the form holds it: what each kind needs, side by side, so that nothing is lost by looking at another. */
export type ScheduleDraft = {
  mode: "single" | "any" | "manual";
  single: Single;
  members: Member[];
  /** Of the whole: what members that name none go by, and bounds and exclusions. */
  timezone: string;
  /** What the whole has and this form does not know. */
  kept: object;
};

export const MOST_MEMBERS = 50;

export function blankSchedule(timezone: string): ScheduleDraft {
  return { mode: "single", single: blankSingle(timezone), members: [], timezone, kept: {} };
}

/** The draft with what a schedule says; what it does not say stays as it is. */
export function filledSchedule(draft: ScheduleDraft, schedule: Schedule): ScheduleDraft {
  if ("manual" in schedule) return { ...draft, mode: "manual", kept: without(schedule, ["manual"]) };
  if (!("any" in schedule)) {
    return { ...draft, mode: "single", single: filledSingle(draft.single, schedule), kept: {} };
  }
  return {
    ...draft,
    mode: "any",
    members: schedule.any.map((one, i) => filledMember(draft.members[i], one)),
    timezone: schedule.timezone ?? "",
    kept: without(schedule, ["any", "timezone", ...SCHEDULE_OPTIONS]),
  };
}

function without(schedule: object, known: string[]): object {
  return Object.fromEntries(Object.entries(schedule).filter(([k, v]) => !known.includes(k) && v != null));
}

export function memberOf(single: Single): Member {
  return { ...single, key: randomId() };
}

function filledMember(member: Member = memberOf(blankSingle("")), schedule: MemberSchedule): Member {
  return { ...member, ...filledSingle(member, schedule) };
}

export function kindIn({ mode, single }: ScheduleDraft): Kind {
  return mode === "single" ? single.kind : mode;
}

/** Another kind, with what the one before has said as far as it means the same. */
export function withKind(draft: ScheduleDraft, kind: Kind): ScheduleDraft {
  if (kind === "manual") return { ...draft, mode: "manual" };
  if (kind === "any") {
    if (draft.members.length > 0 || draft.mode === "any") return { ...draft, mode: "any" };
    const timezone = draft.single.timezone || draft.timezone;
    return { ...draft, mode: "any", timezone, members: [memberOf({ ...draft.single, timezone: "" })] };
  }
  const member = draft.mode === "any" && draft.members.find((one) => one.kind === kind);
  if (!member) return { ...draft, mode: "single", single: { ...draft.single, kind } };
  const { key: _, ...single } = member;
  return {
    ...draft,
    mode: "single",
    single: { ...single, timezone: single.timezone || draft.timezone },
  };
}

/** The field that has yet to be filled in, by its path in the draft; null when there is something to send. */
export function missingField({ mode, single, members }: ScheduleDraft): string | null {
  if (mode === "manual") return null;
  if (mode === "single") return sentSingle(single) ? null : `schedule.single.${MAIN[single.kind]}`;
  if (members.length === 0) return "schedule.members";
  const empty = members.findIndex((one) => !sentSingle(one));
  return empty < 0 ? null : `schedule.members.${empty}.${MAIN[members[empty]?.kind ?? "cron"]}`;
}

/** The schedule as it is sent; null while something that it needs is empty. */
export function scheduleOf(draft: Options & { schedule: ScheduleDraft }): Schedule | null {
  const { schedule } = draft;
  if (missingField(schedule)) return null;
  if (schedule.mode === "manual") return { ...schedule.kept, manual: true };
  const options = scheduleOptions(draft, kindIn(schedule) !== "at");
  if (schedule.mode === "any") {
    const members = schedule.members.flatMap((one) => sentSingle(one) ?? []);
    const timezone = schedule.timezone.trim() || undefined;
    return { ...schedule.kept, any: members, timezone, ...options };
  }
  const single = sentSingle(schedule.single);
  return single && { ...single, ...options };
}
