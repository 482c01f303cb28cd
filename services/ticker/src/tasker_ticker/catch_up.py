"""PURE. What becomes of one task's occurrences in a gap, by its misfire policy, without enumerating what won't run."""

from dataclasses import dataclass, field

from tasker_core.messages import MissedReason
from tasker_core.schedule import NEVER, Once, Schedule, next_after, previous_before

GRACE_SECONDS = 60
ONE_TIME_SECONDS = 24 * 3600
LIVE_SECONDS = 10
"""What is at most this late is still emitted in the live lane, at once; a gap ends this long before its recovery."""


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
    """Which nominal seconds of a part run, and what is missed."""

    run: list[int] = field(default_factory=list[int])
    missed: list[Span] = field(default_factory=list[Span])


def span(schedule: Schedule, after: int, to: int, reason: MissedReason) -> Span | None:
    """The occurrences in (after, to] as one range, None when there is none."""
    first = next_after(schedule, after)
    return Span(first, previous_before(schedule, to + 1), reason) if first <= to else None


def fates(schedule: Schedule, after: int, to: int) -> Fates:
    """The fates of the occurrences in (after, to] of a gap, under the policy `latest` with a grace of one minute.

    Lateness is measured at the gap's recovery, LIVE_SECONDS past `to`. What is within its grace runs, each of it; of
    the late ones the newest runs, unless something of the gap is still within the grace (design, section 4). A
    one-time task runs up to 24 h late.
    """
    recovered = to + LIVE_SECONDS
    found = Fates()
    if isinstance(schedule, Once):
        at = next_after(schedule, after)
        if at <= to and recovered - at <= ONE_TIME_SECONDS:
            found.run.append(at)
        elif at <= to:
            found.missed.append(Span(at, at, "too_old"))
        return found
    late_to = min(to, recovered - GRACE_SECONDS - 1)
    at = next_after(schedule, max(after, late_to))
    anything_recent = at <= recovered
    while at <= to:
        found.run.append(at)
        at = next_after(schedule, at)
    late_to = min(late_to, to)
    if not anything_recent:
        newest = previous_before(schedule, late_to + 1)
        if after < newest < NEVER:
            found.run.insert(0, newest)
            late_to = newest - 1
    if late := span(schedule, after, late_to, "coalesced"):
        found.missed.append(late)
    return found
