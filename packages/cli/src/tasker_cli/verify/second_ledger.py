"""PURE. What became of each second of one task: some bytes a second, whatever the number of records."""

from array import array
from typing import Final

OUTCOMES: Final = ("", "succeeded", "failed", "cancelled", "skipped")
UNFINISHED: Final = ("running", "retrying")
STATES: Final = (*OUTCOMES, *UNFINISHED)
BYTES_A_SECOND: Final = 24
NEVER_FINISHED: Final = -1


def id_digits(run_id: str) -> int:
    """The first 64 of the 128 bits of a run's id, which stand for it here. Raises ValueError."""
    return int(run_id[:16], 16)


class SecondLedger:
    """One entry for each second of `seconds`, in parallel arrays indexed by `index(second)`.

    `emitted` and `missed`: how often; `attempt`: the greatest that was emitted; `run_ids`: the id, 0 for none.
    `results`, `ended` (by the ticker itself) and `documents`: positions in STATES, 0 for none. `fresh`: the result came
    only just before the log was read. `finished_ms`: of the first final result.
    """

    __slots__ = (
        "attempt",
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

    def index(self, second: int) -> int | None:
        """Where a second is, None when it is not here."""
        return second - self.seconds.start if second in self.seconds else None


def add_one(counts: bytearray, index: int) -> int:
    """Count one more, up to 255; returns the count."""
    counts[index] = count = min(255, counts[index] + 1)
    return count
