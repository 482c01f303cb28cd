"""PURE. How the runs of a task have ended, from its log in whatever order and however often that is read.

Failures in a row are the runs (not attempts) that failed for good and were due after the newest one that succeeded.
Cancelled and skipped runs neither count nor end the row, nor do backfilled ones, as with `max_consecutive_failures`.
Other than there, an edit or a resume begins no new row: this is what the log says. A task made anew begins one.

Of the runs that failed the newest MAX_FAILURES are known, so that is where the count stops.
"""

from typing import Final, NamedTuple
from zlib import crc32

from tasker_core.documents.runs import RunContent
from tasker_core.documents.tasks import MAX_FAILURES, TaskProgressFields
from tasker_core.messages.runs import Outcome
from tasker_core.run_states import is_final
from tasker_core.time.instant import to_ms

_ID_BITS: Final = 27


class RunOutcomes(NamedTuple):
    """What is known of the runs of one generation, by their positions.

    The newest run that has ended and how; the newest success, 0 for none; and those that `failed` after it, ascending.
    """

    generation: int
    ended: int = 0
    outcome: Outcome | None = None
    after: int = 0
    failed: tuple[int, ...] = ()

    def merged(self, other: "RunOutcomes") -> "RunOutcomes":
        """What both say together: the same in whatever order, and however often, it is put together."""
        if self.generation != other.generation:
            return max(self, other, key=lambda one: one.generation)
        newer, after = self if self.ended >= other.ended else other, max(self.after, other.after)
        failed: tuple[int, ...] = ()
        if self.failed or other.failed:
            failed = tuple(sorted({run for run in (*self.failed, *other.failed) if run > after})[-MAX_FAILURES:])
        return RunOutcomes(self.generation, newer.ended, newer.outcome, after, failed)

    def up_to(self, at_ms: int) -> "RunOutcomes":
        """What it says of runs that were due up to an instant, as far as that is known."""
        end = (at_ms // 1000 + 1) << _ID_BITS
        if self.ended < end:
            return self
        after, failed = self.after if self.after < end else 0, tuple(run for run in self.failed if run < end)
        outcome: Outcome | None = "failed" if failed else "succeeded" if after else None
        return RunOutcomes(self.generation, failed[-1] if failed else after, outcome, after, failed)

    def set_in(self, task: TaskProgressFields) -> None:
        """Store it in a task."""
        task["ended_of"], task["last_outcome"] = [self.generation, self.ended], self.outcome
        task["failures"], task["streak"] = len(self.failed), {"after": self.after, "failed": list(self.failed)}


def outcomes_of(run: RunContent) -> RunOutcomes | None:
    """What one run says; None when it has not ended."""
    state, generation = run["state"], run["generation"]
    if not is_final(state):
        return None
    position = run_position(to_ms(run["effective_at"]), run["_id"])
    if run["kind"] == "backfill":
        return RunOutcomes(generation, position, state)
    if state == "succeeded":
        return RunOutcomes(generation, position, state, position)
    return RunOutcomes(generation, position, state, 0, (position,) if state == "failed" else ())


def stored_outcomes(task: TaskProgressFields) -> RunOutcomes:
    """What is stored in a task."""
    (generation, ended), streak = task["ended_of"], task["streak"]
    return RunOutcomes(generation, ended, task["last_outcome"], streak["after"], tuple(streak["failed"]))


def run_position(effective_ms: int, run_id: str) -> int:
    """Where a run is among those of its task: by the second in which it was due, then by the first bits of its id."""
    try:
        bits = int(run_id[:7], 16) >> 1
    except ValueError:
        bits = crc32(run_id.encode()) >> 5  # no id of Tasker's
    return effective_ms // 1000 << _ID_BITS | bits
