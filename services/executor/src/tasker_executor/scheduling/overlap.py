"""PURE. What happens to a run that comes while others of its task are unfinished.

`active` are the runs that have passed this decision: executing, or waiting for a slot. `queued` are those that wait
behind them, in the order they came; they become active one at a time, when nothing is active any more.

Two rules hold under every policy but `allow`. Attempts of one run never overlap: the later one waits. And an older run
never displaces a newer one: `replace` does not replace a run that was due later, and among the queued runs a repeated
attempt gives way to a newer run. A run whose next attempt is still to come is not unfinished: it delays nobody, and the
decision is made anew when that attempt comes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Generic, Protocol, TypeVar

from tasker_core.messages.runs import Overlap, Run
from tasker_executor.partition.decoding import instant_ms

MAX_QUEUED = 100
"""At most this many runs of a task are queued with `queue_all`."""


class OverlapCandidate(Protocol):
    """A run for which it is decided."""

    @property
    def run(self) -> Run: ...


C = TypeVar("C", bound=OverlapCandidate)


@dataclass(frozen=True, slots=True)
class StartRun:
    """Start it: there is no overlap."""


@dataclass(frozen=True, slots=True)
class QueueRun(Generic[C]):
    """Queue it behind the others. `instead_of` is skipped for it."""

    label: ClassVar[str] = "wait"
    instead_of: C | None = None


@dataclass(frozen=True, slots=True)
class SkipRun(Generic[C]):
    """Do not start it, because of another one."""

    label: ClassVar[str] = "skip"
    because: C


@dataclass(frozen=True, slots=True)
class ReplaceRuns(Generic[C]):
    """Cancel these, and queue it until they have ended."""

    label: ClassVar[str] = "replace"
    replaced: tuple[C, ...]


OverlapDecision = StartRun | QueueRun[C] | SkipRun[C] | ReplaceRuns[C]


def decide(policy: Overlap, active: Sequence[C], queued: Sequence[C], new: C) -> OverlapDecision[C]:
    """What happens to a new run, by the policy in its own record."""
    unfinished = (*active, *queued)
    if policy == "allow" or not unfinished:
        return StartRun()
    if any(other.run.run_id == new.run.run_id for other in unfinished):
        return QueueRun()
    if policy == "skip":
        return SkipRun(unfinished[0])
    if policy == "replace":
        newer = next((other for other in unfinished if is_older(new, other)), None)
        return ReplaceRuns(unfinished) if newer is None else SkipRun(newer)
    limit = 1 if policy == "queue_one" else MAX_QUEUED
    if len(queued) < limit:
        return QueueRun()
    if new.run.attempt == 1 and len(queued) == limit:  # with an attempt of an active run there are more: nobody yields
        for other in queued:
            if other.run.attempt > 1 and is_older(other, new):
                return QueueRun(instead_of=other)
    return SkipRun(queued[-1])


def is_older(run: OverlapCandidate, other: OverlapCandidate) -> bool:
    """Whether a run was due before another one of its task."""
    return instant_ms(run.run.effective_at) < instant_ms(other.run.effective_at)
