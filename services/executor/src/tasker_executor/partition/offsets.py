"""PURE. Which records of a partition are finished, in any order, and how a commit states that.

A commit is the offset of the first unfinished record and a text of at most 4,096 bytes (the broker's limit): who wrote
it, how far was read, and the steps from each unfinished record to the next (`1x400`: 400 equal ones); a note of lost
records may follow. Offsets without a record (markers of transactions) need no care, since only records that were read
can be unfinished.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby, pairwise

from tasker_core.loss_note import NOTE_BYTES, without_note

MAX_METADATA_BYTES = 4_096
HEADER_BYTES = 36 + NOTE_BYTES
"""A commit needs no more than this beside its steps: for a writer of 12 characters, how far was read, and a note."""
MAX_UNFINISHED = 100_000
"""No commit of ours lists more unfinished records."""
STEP_BYTES = 12
"""One change lengthens the text of a commit by about this much at most."""
MEASURE_EVERY = 50
"""After this many changes the text of the commit is measured anew, if it may have become too long."""


@dataclass(frozen=True, slots=True)
class OffsetProgress:
    """What a commit states: `unfinished` (ascending) are all records before `read_to` that are still to do."""

    read_to: int
    unfinished: list[int] = field(default_factory=list[int])

    def encode(self, writer: str) -> tuple[int, str]:
        """(offset, metadata) of a commit. What does not fit into the metadata is stated as not read yet."""
        if not self.unfinished:
            return self.read_to, f"{writer} 0:"
        base, read_to, listed = self.unfinished[0], self.read_to, 1
        bytes_left = MAX_METADATA_BYTES - HEADER_BYTES
        steps: list[str] = []
        for step, count in _steps(self.unfinished):
            bytes_left -= len(step) + 1
            if bytes_left < 0 or listed + count > MAX_UNFINISHED:
                read_to = self.unfinished[listed]
                break
            steps.append(step)
            listed += count
        return base, f"{writer} {read_to - base}:{','.join(steps)}"


def _steps(unfinished: Iterable[int]) -> Iterator[tuple[str, int]]:
    """The text of each series of equal steps, and how many steps it is."""
    for step, equal in groupby(after - before for before, after in pairwise(unfinished)):
        count = sum(1 for _ in equal)
        yield (str(step) if count == 1 else f"{step}x{count}"), count


def _steps_bytes(unfinished: Iterable[int]) -> int:
    """The length of the text of all steps."""
    return sum(len(step) + 1 for step, _ in _steps(unfinished))


def decode_commit(offset: int, metadata: str) -> OffsetProgress:
    """What a commit states; with metadata that is not ours it states only its offset."""
    _, _, content = without_note(metadata).partition(" ")
    span, _, steps = content.partition(":")
    try:
        read_to, unfinished = offset + int(span), [offset]
        for step in filter(None, steps.split(",")):
            width, _, times = step.partition("x")
            count = int(times or 1)
            if count > MAX_UNFINISHED - len(unfinished):
                return OffsetProgress(offset)
            for _ in range(count):
                unfinished.append(unfinished[-1] + int(width))
    except ValueError:
        return OffsetProgress(offset)
    if any(a >= b for a, b in pairwise([*unfinished, read_to])):  # also when nothing is unfinished: the span is 0
        return OffsetProgress(offset)
    return OffsetProgress(read_to, unfinished)


def writer_of(metadata: str) -> str:
    """Who wrote a commit; empty when it is none of ours."""
    writer, space, _ = metadata.partition(" ")
    return writer if space else ""


class OffsetTracker:
    """The records of one partition, from `start`, which a commit stated. Offsets are accepted in ascending order."""

    def __init__(self, start: OffsetProgress | None) -> None:
        self._read_to = start.read_to if start else None
        self._expected = deque(start.unfinished if start else ())
        """Unfinished records of the commit that were not read again yet."""
        self._unfinished = dict.fromkeys(self._expected)
        self.changes = 0
        self._gap: tuple[int, int] | None = None
        self._measured_bytes, self._measured_changes = _steps_bytes(self._expected), 0

    def __len__(self) -> int:
        """How many are unfinished, of those that were read."""
        return len(self._unfinished) - len(self._expected)

    @property
    def read_to(self) -> int | None:
        """The offset behind all that was read; None before anything was."""
        return self._read_to

    @property
    def resume_at(self) -> int | None:
        """The offset to read on from; None: from the beginning of the partition."""
        return self._expected[0] if self._expected else self._read_to

    def accept(self, offset: int) -> bool:
        """Whether a record that was read is to be processed: it is neither finished nor in flight."""
        expected = self._expected
        while expected and expected[0] < offset:  # deleted from the topic since the commit
            self.finish(expected.popleft())
        if self._read_to is None or offset >= self._read_to:
            if self._read_to is not None and offset > self._read_to:
                self._note_gap(self._read_to, offset)
            self._unfinished[offset] = None
            self._read_to = offset + 1
            self.changes += 1
            return True
        if expected and expected[0] == offset:
            expected.popleft()
            return True
        return False

    def _note_gap(self, expected: int, found: int) -> None:
        """Offsets were skipped: markers of transactions, or records that are gone. The longest one is looked at."""
        if self._gap is None or found - expected > self._gap[1] - self._gap[0]:
            self._gap = expected, found

    def take_gap(self) -> tuple[int, int] | None:
        """The longest range of offsets [expected, found) that was skipped since the last call."""
        gap, self._gap = self._gap, None
        return gap

    def finish(self, offset: int) -> None:
        """An accepted record is finished; harmless to repeat."""
        self._unfinished.pop(offset, 0)
        self.changes += 1

    def progress(self) -> OffsetProgress | None:
        """What there is to commit; None before anything was read."""
        return None if self._read_to is None else OffsetProgress(self._read_to, list(self._unfinished))

    def fits_commit(self, more: int) -> bool:
        """Whether a commit can list everything, also after `more` records were read.

        The records that the first commit listed are read again first, which changes nothing.
        """
        if self._expected:
            return True
        limit = MAX_METADATA_BYTES - HEADER_BYTES - more * STEP_BYTES
        since = self.changes - self._measured_changes
        if self._measured_bytes + since * STEP_BYTES > limit and (
            since >= MEASURE_EVERY or self._measured_bytes > limit
        ):
            self._measured_bytes = _steps_bytes(self._unfinished)
            self._measured_changes, since = self.changes, 0
        return self._measured_bytes + since * STEP_BYTES <= limit
