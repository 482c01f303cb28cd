"""PURE. One gate per task: what becomes of a run that comes while others of its task are unfinished.

`ahead` are those that were let through: under way, or waiting for a slot. `behind` are those that wait at the gate, in
the order they came; they are let through one at a time, when nothing is ahead any more.

Two rules hold under every policy but `allow`. Attempts of one run never overlap: the later one waits. And what is older
never displaces what is newer: `replace` doesn't replace a run that was due later, and of those that wait, a repeated
attempt gives its place to a newer run. A run whose next attempt is still to come is not unfinished: it holds up
nobody, and passes the gate anew when that attempt comes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from tasker_core.messages import Overlap, Run
from tasker_executor.partition.decoding import instant_ms

MAX_QUEUED = 100
"""So many runs of a task wait with `queue_all`."""


class Candidate(Protocol):
    """What stands at the gate."""

    @property
    def run(self) -> Run: ...


C = TypeVar("C", bound=Candidate)


@dataclass(frozen=True, slots=True)
class Start:
    """Nothing is in the way."""


@dataclass(frozen=True, slots=True)
class Wait(Generic[C]):
    """Wait behind the others. `instead_of` gives its place away and is skipped."""

    instead_of: C | None = None


@dataclass(frozen=True, slots=True)
class Skip(Generic[C]):
    """Don't start, because of this one."""

    because: C


@dataclass(frozen=True, slots=True)
class Replace(Generic[C]):
    """Cancel these, and wait until they have ended."""

    these: tuple[C, ...]


def decide(policy: Overlap, ahead: Sequence[C], behind: Sequence[C], new: C) -> Start | Wait[C] | Skip[C] | Replace[C]:
    """What becomes of a run, by the policy that it bears itself."""
    unfinished = (*ahead, *behind)
    if policy == "allow" or not unfinished:
        return Start()
    if any(one.run.run_id == new.run.run_id for one in unfinished):
        return Wait()
    if policy == "skip":
        return Skip(unfinished[0])
    if policy == "replace":
        newer = next((one for one in unfinished if is_older(new, one)), None)
        return Replace(unfinished) if newer is None else Skip(newer)
    most = 1 if policy == "queue_one" else MAX_QUEUED
    if len(behind) < most:
        return Wait()
    if new.run.attempt == 1 and len(behind) == most:  # more wait with an attempt of what is ahead: no place is won
        for one in behind:
            if one.run.attempt > 1 and is_older(one, new):
                return Wait(instead_of=one)
    return Skip(behind[-1])


def is_older(one: Candidate, other: Candidate) -> bool:
    """Whether a run was due before another one of its task."""
    return instant_ms(one.run.effective_at) < instant_ms(other.run.effective_at)
