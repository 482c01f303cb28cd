"""PURE. The failures in a row of a task that counts them (`max_consecutive_failures`).

Runs stand in the order in which they were due, as the execution log lists them. A failure counts as long as no run that
was due later has succeeded; so neither the order in which runs end nor a repetition changes the count. Each step is
written in the transaction of its event, as far as it changes anything: a success is written only if it ends a row, or
if a run before it may still be out, whose failure must not count any more.
"""

from typing import Final

from tasker_core.events.task_event import OutcomeEvent
from tasker_core.ticker_state import FailureStreak, RunPosition

FIRST: Final[RunPosition] = (0, "")
MAX_OUT = 64
"""So many runs of a task that have not ended are known one by one."""
MAX_NOTE = 1_000


class Row:
    """The count of one task, from the version `since` on.

    `out` and `unsure` are not written: runs whose end has not been told, and the place up to which there may be others,
    for want of memory: those before a restart.
    """

    __slots__ = ("_since", "after", "failed", "out", "unsure")

    def __init__(
        self, since: int, after: RunPosition = FIRST, failed: tuple[RunPosition, ...] = (), unsure: RunPosition = FIRST
    ) -> None:
        self._since, self.after, self.failed = since, after, failed
        self.out, self.unsure = set[RunPosition](), unsure

    @classmethod
    def restored(cls, stood: FailureStreak) -> "Row":
        """The count as it was written. Until `restarted` says more, any run may be out."""
        return cls(stood.since, stood.after, stood.failed)

    def restarted(self, second: int) -> None:
        """Runs due up to a second were emitted by an owner before."""
        self.unsure = (second + 1, "")

    def state(self) -> FailureStreak:
        """What is written of it."""
        return FailureStreak(self._since, self.after, self.failed)

    def emitted(self, place: RunPosition) -> None:
        """A run is out."""
        self.out.add(place)
        if len(self.out) > MAX_OUT:
            self.unsure = max(self.out)
            self.out.clear()

    def count(self, told: OutcomeEvent) -> bool:
        """Take in how a run has ended; whether that changes anything."""
        place = (told.effective, told.run_id)
        self.out.discard(place)
        if told.version < self._since or place <= self.after or place in self.failed:
            return False
        if told.failed:
            self.failed = tuple(sorted((*self.failed, place)))
            return True
        left = tuple(other for other in self.failed if other > place)
        sure = self.after >= self.unsure and not any(other < place for other in self.out)
        if sure and left == self.failed:
            return False
        self.after, self.failed = place, left
        self.out = {other for other in self.out if other > place}
        return True


def note(failures: int, last: OutcomeEvent) -> str:
    """Why a task is paused, in words."""
    many = "a failure" if failures == 1 else f"{failures} failures in a row; the last one"
    why = f": {last.error.kind}: {last.error.message}" if last.error else ""
    return f"paused after {many}{why}"[:MAX_NOTE]
