"""PURE. What becomes of one task's occurrences in a gap, by its misfire policy, without enumerating what won't run.

All ranges and bounds are in effective time (nominal plus spread); what is reported of them is nominal.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain, islice

from tasker_core.messages.verdicts import MissedReason
from tasker_core.schedules.effective_schedule import EffectiveSchedule
from tasker_core.schedules.occurrences import NothingUntil, Occurrence, search_back
from tasker_core.schedules.reachability import ONE_TIME_SECONDS
from tasker_core.ticker_state import AcceptedMisfire
from tasker_ticker.scheduling.memory.held_task import whole_seconds

LIVE_SECONDS = 10
"""What is at most this late is still emitted in the live lane, at once; a gap ends this long before its recovery."""

_LATE_REASON: dict[str, MissedReason] = {"latest": "coalesced", "all": "over_max", "none": "policy"}


@dataclass(frozen=True, slots=True)
class MissedRange:
    """A closed range of nominal seconds that did not run, and why."""

    first: int
    last: int
    reason: MissedReason


@dataclass(slots=True)
class MisfireDecision:
    """Which occurrences of a part run and which are missed; it is decided up to the effective second `to`."""

    to: int
    run: list[Occurrence] = field(default_factory=list[Occurrence])
    missed: list[MissedRange] = field(default_factory=list[MissedRange])


def occurrences(schedule: EffectiveSchedule, after: int, to: int) -> Iterator[Occurrence]:
    """Those effective in (after, to], in order."""
    while after < to:
        found = schedule.next_due(after)
        if isinstance(found, NothingUntil):
            after = max(found.checkpoint, after + 1)
        elif found.effective > to:
            return
        else:
            yield found
            after = found.effective


def newest_first(schedule: EffectiveSchedule, after: int, to: int) -> Iterator[Occurrence]:
    """Those effective in (after, to], the newest first."""
    before, after = to + 1, max(after, schedule.since)
    while before > after + 1:
        found = search_back(schedule.schedule, before, schedule.offset)
        if isinstance(found, NothingUntil):
            before = min(found.checkpoint, before - 1)
        elif found.effective <= after or found.nominal <= schedule.after_nominal:
            return
        else:
            yield found
            before = found.effective


def missed_range(schedule: EffectiveSchedule, after: int, to: int, reason: MissedReason) -> MissedRange | None:
    """The occurrences effective in (after, to] as one range, None when there is none."""
    first = next(occurrences(schedule, after, to), None)
    last = next(newest_first(schedule, after, to), None)
    return MissedRange(first.nominal, last.nominal, reason) if first and last else None


def decide_misfires(
    schedule: EffectiveSchedule, after: int, to: int, misfire: AcceptedMisfire, *, recovered: int, max_runs: int
) -> MisfireDecision:
    """Decides the occurrences effective in (after, to]; their lateness is measured at the second `recovered`.

    What is within its grace runs, each of it. Of the late ones, `latest` runs the newest, unless there is a newer one
    up to `recovered`: that is the live lane's. `all` runs the newest `max`, those of the live lane counted; `none` runs
    none. A one-time task runs up to a day late. At most `max_runs` run at once: then `to` of the result lies before the
    end.
    """
    after = max(after, schedule.since)
    on_time_after = recovered - whole_seconds(misfire.grace) - 1
    late_to = max(after, min(to, on_time_after))
    decision, policy = MisfireDecision(to), misfire.policy
    late: list[Occurrence] = []
    missed_to, reason = late_to, _LATE_REASON[policy]
    if schedule.schedule.is_one_time and policy != "none":
        late = [at for at in newest_first(schedule, after, late_to) if recovered - at.effective <= ONE_TIME_SECONDS]
        reason = "too_old"
    elif policy == "all":
        newer = sum(1 for _ in islice(occurrences(schedule, late_to, on_time_after), misfire.max))
        late = list(islice(newest_first(schedule, after, late_to), misfire.max - newer))[::-1]
    elif policy == "latest" and next(occurrences(schedule, late_to, recovered), None) is None:
        late = list(islice(newest_first(schedule, after, late_to), 1))
    if late:
        missed_to = late[0].effective - 1
    if missed := missed_range(schedule, after, missed_to, reason):
        decision.missed.append(missed)
    for at in chain(late, occurrences(schedule, late_to, to)):
        if len(decision.run) == max_runs:
            decision.to = decision.run[-1].effective
            break
        decision.run.append(at)
    return decision


def live_miss_reason(
    schedule: EffectiveSchedule, second: int, misfire: AcceptedMisfire, *, now: int
) -> MissedReason | None:
    """Why an occurrence effective at `second`, late at `now` already, does not run in the live lane; None if it does.

    Each second is decided by itself, from what is newer, so that nothing is decided ahead of the watermark.
    """
    if misfire.policy == "none":
        return "policy"
    if schedule.schedule.is_one_time:
        return None
    if misfire.policy == "latest":
        return None if next(occurrences(schedule, second, now), None) is None else "coalesced"
    newer = islice(occurrences(schedule, second, now - whole_seconds(misfire.grace) - 1), misfire.max)
    return "over_max" if len(list(newer)) == misfire.max else None
