"""PURE. What became of each second of one task: some bytes a second, whatever the number of records."""

from array import array
from typing import Final

OUTCOMES: Final = ("", "succeeded", "failed", "cancelled", "skipped")
UNFINISHED: Final = ("running", "retrying", "waiting")
STATES: Final = (*OUTCOMES, *UNFINISHED)
BYTES_A_SECOND: Final = 24
NEVER_FINISHED: Final = -1
MAX_COUNT: Final = 255


def id_digits(run_id: str) -> int:
    """The first 64 of the 128 bits of a run's id, which stand for it here. Raises ValueError."""
    return int(run_id[:16], 16)


class SecondLedger:
    """One entry for each second of `seconds`, in parallel arrays indexed by `index(second)`.

    `emitted` and `missed`: how often; `attempt`: the greatest that was emitted; `run_ids`: the id, 0 for none.
    `results`, `ended` (by the ticker itself) and `documents`: positions in STATES, 0 for none. `fresh`: the result came
    only just before the log was read. `finished_ms`: of the first final result. `awaited`: by index, which attempt was
    promised by the result of the one before it, and for which epoch millisecond; only those that were not emitted.
    """

    __slots__ = (
        "attempt",
        "awaited",
        "documents",
        "emitted",
        "ended",
        "finished_ms",
        "fresh",
        "missed",
        "results",
        "run_ids",
        "seconds",
    )

    def __init__(self, seconds: range) -> None:
        self.seconds, size = seconds, len(seconds)
        self.emitted, self.missed, self.attempt = bytearray(size), bytearray(size), bytearray(size)
        self.results, self.ended, self.documents, self.fresh = (bytearray(size) for _ in range(4))
        self.run_ids = array("Q", bytes(8 * size))
        self.finished_ms = array("q", [NEVER_FINISHED]) * size
        self.awaited: dict[int, tuple[int, int]] = {}

    def index(self, second: int) -> int | None:
        """Where a second is, None when it is not here."""
        return second - self.seconds.start if second in self.seconds else None

    def await_attempt(self, index: int, attempt: int, due_ms: int) -> None:
        """Note that a run is to have a further attempt, unless that is there already."""
        known, _ = self.awaited.get(index, (0, 0))
        if min(MAX_COUNT, attempt) > max(self.attempt[index], known):
            self.awaited[index] = attempt, due_ms

    def missing_attempt(self, index: int, before_ms: int) -> int | None:
        """Which attempt was due before an epoch millisecond and never came, though nothing else ended its run."""
        attempt, due_ms = self.awaited.get(index, (0, 0))
        is_there = self.attempt[index] >= min(MAX_COUNT, attempt) or self.results[index] or self.ended[index]
        return None if is_there or due_ms >= before_ms else attempt


def add_one(counts: bytearray, index: int) -> int:
    """Count one more, up to MAX_COUNT; returns the count."""
    counts[index] = count = min(MAX_COUNT, counts[index] + 1)
    return count
