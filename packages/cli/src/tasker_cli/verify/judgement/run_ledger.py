"""PURE. What became of each run: some bytes a run, in rows of parallel arrays, whatever the number of records."""

from array import array
from typing import Final, NamedTuple

OUTCOMES: Final = ("", "succeeded", "failed", "cancelled", "skipped")
UNFINISHED: Final = ("running", "retrying", "waiting")
STATES: Final = (*OUTCOMES, *UNFINISHED)
STATE_NUMBERS: Final = {state: number for number, state in enumerate(STATES) if state}
BYTES_A_RUN: Final = 32
MAX_COUNT: Final = 255
FRESH, EXCUSED, AT_ONCE, LIVE, OLD, STARTED = 1, 2, 4, 8, 16, 32
_EMPTY: Final = b"\0"


def id_digits(run_id: str) -> int:
    """The first 64 of the 128 bits of a run's id, which stand for it here. Raises ValueError."""
    return int(run_id[:16], 16)


class OtherRun(NamedTuple):
    """A run that is no occurrence: triggered, chained, backfilled."""

    task_id: str
    kind: str
    effective: int
    run_id: str


class RunLedger:
    """Rows [0, `size`) are occurrences (due_pieces.py); behind them those of other runs follow as they come.

    `emitted` and `missed`: how often; `attempt`: the greatest that was emitted; `run_ids`: the id, 0 for none.
    `results`, `ended` (by the ticker itself) and `documents`: positions in STATES, 0 for none. `times` and `errors`:
    hashes of the stages and the error that the first final result states. `awaited`: by row, which attempt was promised
    by the result of the one before it, and for which epoch millisecond; only those that were not emitted.

    `marks`: FRESH when its emission or result came only just before the log was read, EXCUSED when it may be late,
    AT_ONCE when its definition came only after its time; LIVE when it was emitted in the live lane, OLD when that was
    so long ago that it waits no more, STARTED when the start of an attempt was reported long ago.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self.emitted, self.missed, self.attempt = bytearray(size), bytearray(size), bytearray(size)
        self.results, self.ended, self.documents, self.marks = (bytearray(size) for _ in range(4))
        self.run_ids = array("Q", bytes(8 * size))
        self.times, self.errors = array("Q", bytes(8 * size)), array("Q", bytes(8 * size))
        self.awaited: dict[int, tuple[int, int]] = {}
        self.others: dict[int, int] = {}
        """The rows of other runs, by their id."""
        self.other_runs: list[OtherRun] = []
        self.strangers: set[int] = set()
        """The ids of scheduled runs that were emitted at no occurrence."""

    def add_other(self, digits: int, run: OtherRun) -> int:
        """A row for one more run that is no occurrence."""
        row = self.size + len(self.other_runs)
        for column in (self.emitted, self.missed, self.attempt, self.results, self.ended, self.documents, self.marks):
            column += _EMPTY
        self.run_ids.append(digits)
        self.times.append(0)
        self.errors.append(0)
        self.others[digits] = row
        self.other_runs.append(run)
        return row

    def await_attempt(self, row: int, attempt: int, due_ms: int) -> None:
        """Note that a run is to have a further attempt, unless that is there already."""
        known, _ = self.awaited.get(row, (0, 0))
        if min(MAX_COUNT, attempt) > max(self.attempt[row], known):
            self.awaited[row] = attempt, due_ms

    def missing_attempt(self, row: int, before_ms: int) -> int | None:
        """Which attempt was due before an epoch millisecond and never came, though nothing else ended its run."""
        attempt, due_ms = self.awaited.get(row, (0, 0))
        is_there = self.attempt[row] >= min(MAX_COUNT, attempt) or self.results[row] or self.ended[row]
        return None if is_there or due_ms >= before_ms else attempt


def add_one(counts: bytearray, row: int) -> int:
    """Count one more, up to MAX_COUNT; returns the count."""
    counts[row] = count = min(MAX_COUNT, counts[row] + 1)
    return count
