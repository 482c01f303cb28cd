"""PURE. The state of one task that tells somebody of it, and what changes that state: only changes are told.

Failing: from a failure on, until a run succeeds that was due later than all that failed. Late, for each lateness that
somebody wants to be told: from when a run has not ended so long after its time, until one that was due later ends in
time and none that was due before it is awaited. Both are one fact about the runs that were due, whatever the order in
which they end, and however often that is reported; runs are compared by when they were due, as the execution log lists
them.
"""

from collections.abc import Collection, Iterable, Iterator
from typing import Final, NamedTuple

from msgspec.structs import replace

from tasker_core.messages.runs import Outcome
from tasker_core.schedules.schedule import NEVER
from tasker_core.ticker_state import Failing, RunPosition, TaskAlerts, WatchedRun

MAX_UNFINISHED: Final = 64
"""So many unfinished runs of a task are watched at once."""
MAX_FAILED: Final = 16
"""So many failed runs are known by their ids: an executor that began anew reports them again soon, or never."""
REMIND_MS: Final = 24 * 3600 * 1000
OUTAGE_SECONDS: Final = 60
"""Occurrences that are missed less than this after the last ones belong to the same outage."""


class FailureTold(NamedTuple):
    """A failure that is told: how many there are in a row, and since when."""

    failures: int
    since: int
    reminder: bool


class RecoveryTold(NamedTuple):
    """So many runs had failed, since when the first of them was due."""

    failures: int
    since: int


class LatenessTold(NamedTuple):
    """A run has not ended so many seconds after its time."""

    run: RunPosition
    seconds: int


class PunctualityTold(NamedTuple):
    """A run has ended in time again; the first that did not was due `since`."""

    run: RunPosition
    seconds: int
    since: int


class TaskAlertState:
    """That of one task. Each method that changes something returns what is to be told, if anything.

    `latenesses` are those that somebody wants to be told, in seconds, ascending.
    """

    __slots__ = ("deadline", "failed", "failing", "generation", "late", "late_again", "missed_to", "unfinished")

    def __init__(self, generation: int) -> None:
        self.generation = generation
        self.failing: Failing | None = None
        self.failed: tuple[str, ...] = ()
        self.unfinished: dict[str, WatchedRun] = {}
        self.deadline = NEVER
        """Where it is on the agenda of deadlines."""
        self.late: dict[int, tuple[RunPosition, int]] = {}
        self.late_again: tuple[int, ...] = ()
        self.missed_to = 0

    @classmethod
    def restored(cls, stored: TaskAlerts) -> "TaskAlertState":
        """The state as it was written."""
        state = cls(stored.generation)
        state.failing, state.failed, state.missed_to = stored.failing, stored.failed, stored.missed_to
        state.unfinished = {watched.run_id: watched for watched in stored.unfinished}
        state.late, state.late_again = dict(stored.late), stored.late_again
        return state

    def to_state(self) -> TaskAlerts:
        """What is written of it."""
        return TaskAlerts(
            generation=self.generation,
            failing=self.failing,
            failed=self.failed,
            unfinished=tuple(self.unfinished.values()),
            late=self.late,
            late_again=self.late_again,
            missed_to=self.missed_to,
        )

    def add_run(self, run: RunPosition) -> bool:
        """Watch a run that was emitted; returns whether it is: not while too many others are."""
        if len(self.unfinished) >= MAX_UNFINISHED:
            return False
        self.unfinished[run[1]] = WatchedRun(*run)
        return True

    def count_end(self, run: RunPosition, outcome: Outcome, ended_ms: int) -> FailureTold | RecoveryTold | None:
        """Count how a run has ended; `ended_ms` is when that was known (epoch milliseconds)."""
        if run[1] in self.failed:
            return None
        failing = self.failing
        if outcome == "failed":
            self.failed = (*self.failed, run[1])[-MAX_FAILED:]
            if failing is None:
                self.failing = Failing(run[0], 1, run, ended_ms)
                return FailureTold(1, run[0], reminder=False)
            reminder = ended_ms - failing.told_ms >= REMIND_MS
            told_ms = ended_ms if reminder else failing.told_ms
            self.failing = Failing(min(failing.since, run[0]), failing.failures + 1, max(failing.last, run), told_ms)
            return FailureTold(self.failing.failures, self.failing.since, reminder=True) if reminder else None
        if outcome == "succeeded" and failing is not None and run > failing.last:
            self.failing = None
            return RecoveryTold(failing.failures, failing.since)
        return None

    def remind(self) -> bool:
        """Let the next failure be told again; returns whether that changes anything."""
        if self.failing is None or not self.failing.told_ms:
            return False
        self.failing = replace(self.failing, told_ms=0)
        return True

    def end_run(
        self, run_id: str, outcome: Outcome, ended_ms: int, latenesses: Iterable[int]
    ) -> Iterator[LatenessTold | PunctualityTold]:
        """A watched run has ended. What was cancelled or skipped is late no more, but not in time either."""
        watched = self.unfinished.pop(run_id, None)
        if watched is None:
            return
        run, ran = (watched.effective, run_id), outcome in ("succeeded", "failed")
        for seconds in latenesses:
            if seconds <= watched.late:
                continue
            late = self.late.get(seconds)
            if ended_ms > (watched.effective + seconds) * 1000:
                yield from self._be_late(run, seconds)
            elif late is not None and run > late[0] and ran and not self._is_awaited(run, seconds):
                del self.late[seconds]
                yield PunctualityTold(run, seconds, late[1])

    def overdue(self, second: int, latenesses: Collection[int]) -> Iterator[LatenessTold]:
        """What has become late up to a second."""
        longest = max(latenesses, default=0)
        for run_id, watched in list(self.unfinished.items()):
            passed = [one for one in latenesses if watched.late < one <= second - watched.effective]
            for seconds in passed:
                yield from self._be_late((watched.effective, run_id), seconds)
            if max(passed, default=watched.late) >= longest:
                del self.unfinished[run_id]
            elif passed:
                self.unfinished[run_id] = replace(watched, late=max(passed))

    def next_deadline(self, latenesses: Iterable[int]) -> int:
        """When the next watched run becomes late, NEVER when there is none."""
        deadlines = (
            watched.effective + seconds
            for watched in self.unfinished.values()
            for seconds in latenesses
            if seconds > watched.late
        )
        return min(deadlines, default=NEVER)

    def keep(self, latenesses: Collection[int], *, failures: bool) -> bool:
        """Somebody is told of these latenesses from now on, and of `failures`; returns whether that changes anything.

        What nobody is told of is not followed any further, so it is forgotten.
        """
        late = {seconds: one for seconds, one in self.late.items() if seconds in latenesses}
        failing = self.failing if failures else None
        if (late, failing) == (self.late, self.failing) and (latenesses or not self.unfinished):
            return False
        self.late, self.failing = late, failing
        if not latenesses:
            self.unfinished.clear()
        return True

    def tell_anew(self) -> bool:
        """Others are told from now on: they learn of a lateness by the next late run, of an outage by the next miss."""
        again = tuple(self.late)
        if again == self.late_again and not self.missed_to:
            return False
        self.late_again, self.missed_to = again, 0
        return True

    def _is_awaited(self, run: RunPosition, seconds: int) -> bool:
        """Whether a run that was due before another one has not ended, and is not that late either, yet."""
        return any((one.effective, one.run_id) < run and one.late < seconds for one in self.unfinished.values())

    def _be_late(self, run: RunPosition, seconds: int) -> Iterator[LatenessTold]:
        last, since = self.late.get(seconds, (None, run[0]))
        if last is not None and run < last:
            return
        self.late[seconds] = run, since
        if last is None or seconds in self.late_again:
            self.late_again = tuple(one for one in self.late_again if one != seconds)
            yield LatenessTold(run, seconds)

    def miss(self, after: int, to: int) -> bool:
        """Occurrences in an outage from `after` up to `to` (effective seconds) did not run; whether that is told."""
        is_new = after >= self.missed_to + OUTAGE_SECONDS
        self.missed_to = max(self.missed_to, to)
        return is_new
