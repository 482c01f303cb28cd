"""PURE. The failures in a row of a task, counted from its log in whatever order and however often that is read.

Counted are runs, not attempts: those that failed for good and were due later than the newest one that succeeded.
Cancelled and skipped runs neither count nor end the row, nor do backfilled ones, as with `max_consecutive_failures`.
Other than there, an edit or a resume begins no new row: this is what the log says. A task made anew begins one.

Of the runs that failed the newest MAX_FAILURES are known, so that is where the count stops.
"""

from typing import Final, NamedTuple
from zlib import crc32

from tasker_core.documents.runs import RunContent
from tasker_core.documents.tasks import MAX_FAILURES, StreakDocument
from tasker_core.time.instant import to_ms

_ID_BITS: Final = 27


class Streak(NamedTuple):
    """Runs of one generation by their positions: the newest success, and those that `failed` after it, ascending."""

    generation: int
    after: int = 0
    failed: tuple[int, ...] = ()

    @property
    def newest(self) -> int:
        """The newest of the runs that failed, 0 for none."""
        return self.failed[-1] if self.failed else 0

    def merged(self, other: "Streak") -> "Streak":
        """What both say together: the same in whatever order, and however often, it is put together."""
        if self.generation != other.generation:
            return max(self, other, key=lambda streak: streak.generation)
        after = max(self.after, other.after)
        if not self.failed and not other.failed:
            return self if self.after == after else other
        failed = sorted({run for run in (*self.failed, *other.failed) if run > after})
        return Streak(self.generation, after, tuple(failed[-MAX_FAILURES:]))

    def up_to(self, at_ms: int) -> "Streak":
        """What it says of runs that were due up to an instant."""
        end = (at_ms // 1000 + 1) << _ID_BITS
        return Streak(self.generation, self.after if self.after < end else 0, tuple(f for f in self.failed if f < end))

    def document(self) -> StreakDocument:
        """As it is stored."""
        return {"generation": self.generation, "after": self.after, "failed": list(self.failed), "newest": self.newest}


def streak_of(run: RunContent) -> Streak | None:
    """What one run says; None when it doesn't count."""
    state = run["state"]
    if state not in ("succeeded", "failed") or run["kind"] == "backfill":
        return None
    position = run_position(to_ms(run["effective_at"]), run["_id"])
    if state == "succeeded":
        return Streak(run["generation"], position)
    return Streak(run["generation"], 0, (position,))


def stored_streak(document: StreakDocument) -> Streak:
    """As it was stored."""
    return Streak(document["generation"], document["after"], tuple(document["failed"]))


def run_position(effective_ms: int, run_id: str) -> int:
    """Where a run is among those of its task: by the second in which it was due, then by the first bits of its id."""
    try:
        bits = int(run_id[:7], 16) >> 1
    except ValueError:
        bits = crc32(run_id.encode()) >> 5  # no id of Tasker's
    return effective_ms // 1000 << _ID_BITS | bits
