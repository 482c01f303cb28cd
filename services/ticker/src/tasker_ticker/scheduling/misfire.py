"""PURE. What becomes of one task's occurrences in a gap, by its misfire policy, without enumerating what won't run.

All spans and bounds are on the effective axis (nominal plus spread); what is told of them is nominal.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain, islice

from tasker_core.messages import MissedReason
from tasker_core.schedules.effective_schedule import EffectiveSchedule
from tasker_core.schedules.occurrences import NothingUntil, Occurrence, search_back
from tasker_core.schedules.schedule import Once
from tasker_core.ticker_state import AcceptedMisfire
from tasker_ticker.scheduling.memory.held_task import seconds

ONE_TIME_SECONDS = 24 * 3600
LIVE_SECONDS = 10
"""What is at most this late is still emitted in the live lane, at once; a gap ends this long before its recovery."""
MAX_RUNS_A_VISIT = 200
"""A task that has more to run in a gap is visited again."""

_LATE_REASON: dict[str, MissedReason] = {"latest": "coalesced", "all": "over_max", "none": "policy"}


@dataclass(slots=True)
class Gap:
    """Occurrences effective in (after, to] wait to be visited, in id order; up to `after_task` they have been."""

    after: int
    to: int
    after_task: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    """A closed range of nominal seconds that did not run, and why."""

    first: int
    last: int
    reason: MissedReason


@dataclass(slots=True)
class Fates:
    """Which occurrences of a part run and which are missed; it is decided up to the effective second `to`."""

    to: int
    run: list[Occurrence] = field(default_factory=list[Occurrence])
    missed: list[Span] = field(default_factory=list[Span])


def occurrences(standing: EffectiveSchedule, after: int, to: int) -> Iterator[Occurrence]:
    """Those effective in (after, to], in order."""
    while after < to:
        found = standing.next_due(after)
        if isinstance(found, NothingUntil):
            after = max(found.checkpoint, after + 1)
        elif found.effective > to:
            return
        else:
            yield found
            after = found.effective


def newest(standing: EffectiveSchedule, after: int, to: int) -> Iterator[Occurrence]:
    """Those effective in (after, to], the newest first."""
    before, after = to + 1, max(after, standing.since)
    while before > after + 1:
        found = search_back(standing.schedule, before, standing.offset)
        if isinstance(found, NothingUntil):
            before = min(found.checkpoint, before - 1)
        elif found.effective <= after or found.nominal <= standing.after_nominal:
            return
        else:
            yield found
            before = found.effective


def span(standing: EffectiveSchedule, after: int, to: int, reason: MissedReason) -> Span | None:
    """The occurrences effective in (after, to] as one range, None when there is none."""
    first = next(occurrences(standing, after, to), None)
    last = next(newest(standing, after, to), None)
    return Span(first.nominal, last.nominal, reason) if first and last else None


def fates(
    standing: EffectiveSchedule,
    after: int,
    to: int,
    misfire: AcceptedMisfire,
    *,
    recovered: int,
    most: int = MAX_RUNS_A_VISIT,
) -> Fates:
    """The fates of the occurrences effective in (after, to]; lateness is measured at the second `recovered`.

    What is within its grace runs, each of it. Of the late ones, `latest` runs the newest, unless there is a newer one
    up to `recovered`: that is the live lane's. `all` runs the newest `max`, those of the live lane counted; `none` runs
    none (design, section 4). A one-time task runs up to a day late. At most `most` run at once: then `to` of the
    result lies before the end.
    """
    after = max(after, standing.since)
    on_time_after = recovered - seconds(misfire.grace) - 1
    late_to = max(after, min(to, on_time_after))
    found, policy = Fates(to), misfire.policy
    late: list[Occurrence] = []
    missed_to, reason = late_to, _LATE_REASON[policy]
    if isinstance(standing.schedule, Once) and policy != "none":
        late = [at for at in newest(standing, after, late_to) if recovered - at.effective <= ONE_TIME_SECONDS]
        reason = "too_old"
    elif policy == "all":
        newer = sum(1 for _ in islice(occurrences(standing, late_to, on_time_after), misfire.max))
        late = list(islice(newest(standing, after, late_to), misfire.max - newer))[::-1]
    elif policy == "latest" and next(occurrences(standing, late_to, recovered), None) is None:
        late = list(islice(newest(standing, after, late_to), 1))
    if late:
        missed_to = late[0].effective - 1
    if missed := span(standing, after, missed_to, reason):
        found.missed.append(missed)
    for at in chain(late, occurrences(standing, late_to, to)):
        if len(found.run) == most:
            found.to = found.run[-1].effective
            break
        found.run.append(at)
    return found


def refused(standing: EffectiveSchedule, second: int, misfire: AcceptedMisfire, *, now: int) -> MissedReason | None:
    """Why an occurrence effective at `second`, late at `now` already, does not run in the live lane; None if it does.

    Each second is decided by itself, from what is newer, so that nothing is decided ahead of the watermark.
    """
    if misfire.policy == "none":
        return "policy"
    if isinstance(standing.schedule, Once):
        return None
    if misfire.policy == "latest":
        return None if next(occurrences(standing, second, now), None) is None else "coalesced"
    newer = islice(occurrences(standing, second, now - seconds(misfire.grace) - 1), misfire.max)
    return "over_max" if len(list(newer)) == misfire.max else None
