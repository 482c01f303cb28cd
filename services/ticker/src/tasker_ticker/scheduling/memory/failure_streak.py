"""PURE. The failures in a row of a task that counts them (`max_consecutive_failures`).

Runs are ordered by when they were due, as the execution log lists them. A failure counts as long as no run that was due
later has succeeded; so neither the order in which runs end nor a repeated event changes the count. Each step is written
in the transaction of its event, if it changes anything: a success is written only if it ends a streak, or if a run
before it may be unfinished, whose failure must not count any more.
"""

from typing import Final

from tasker_core.events.task_event import OutcomeEvent
from tasker_core.ticker_state import FailureStreak, RunPosition

FIRST: Final[RunPosition] = (0, "")
MAX_UNFINISHED = 64
"""So many unfinished runs of a task are known one by one."""
MAX_NOTE = 1_000


class FailureCounter:
    """The count of one task, from the version `since` on.

    `unfinished` and `uncertain_to` are not written: runs whose outcome has not been reported, and the position up to
    which there may be others that memory does not hold: those before a restart.
    """

    __slots__ = ("_since", "after", "failed", "uncertain_to", "unfinished")

    def __init__(
        self,
        since: int,
        after: RunPosition = FIRST,
        failed: tuple[RunPosition, ...] = (),
        uncertain_to: RunPosition = FIRST,
    ) -> None:
        self._since, self.after, self.failed = since, after, failed
        self.unfinished, self.uncertain_to = set[RunPosition](), uncertain_to

    @classmethod
    def restored(cls, streak: FailureStreak) -> "FailureCounter":
        """The count as it was written. Until `mark_restart` says more, any run may be unfinished."""
        return cls(streak.since, streak.after, streak.failed)

    def mark_restart(self, second: int) -> None:
        """Runs due up to a second were emitted by an owner before."""
        self.uncertain_to = (second + 1, "")

    def to_state(self) -> FailureStreak:
        """What is written of it."""
        return FailureStreak(self._since, self.after, self.failed)

    def add_run(self, run: RunPosition) -> None:
        """A run was emitted."""
        self.unfinished.add(run)
        if len(self.unfinished) > MAX_UNFINISHED:
            self.uncertain_to = max(self.unfinished)
            self.unfinished.clear()

    def count(self, outcome: OutcomeEvent) -> bool:
        """Count the outcome of a run; returns whether that changes anything."""
        run = (outcome.effective, outcome.run_id)
        self.unfinished.discard(run)
        if outcome.version < self._since or run <= self.after or run in self.failed:
            return False
        if outcome.failed:
            self.failed = tuple(sorted((*self.failed, run)))
            return True
        still_failed = tuple(other for other in self.failed if other > run)
        certain = self.after >= self.uncertain_to and not any(other < run for other in self.unfinished)
        if certain and still_failed == self.failed:
            return False
        self.after, self.failed = run, still_failed
        self.unfinished = {other for other in self.unfinished if other > run}
        return True


def pause_note(failures: int, last: OutcomeEvent) -> str:
    """Why a task is paused, in words."""
    many = "a failure" if failures == 1 else f"{failures} failures in a row; the last one"
    why = f": {last.error.kind}: {last.error.message}" if last.error else ""
    return f"paused after {many}{why}"[:MAX_NOTE]
