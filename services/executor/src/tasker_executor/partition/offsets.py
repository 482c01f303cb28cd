"""PURE. Which records of a partition are finished, in any order, and how a commit states that.

A commit is the offset of the first unfinished record and a text of at most 4,096 bytes (the broker's limit): who wrote
it, how far was read, and the steps from each unfinished record to the next (step_codec.py; `z` says that they are
packed); a note of lost records may follow. Releases that don't know the packed form take only the offset from it, and
run again what comes behind. Offsets without a record (markers of transactions) need no care, since only records that
were read can be unfinished.
"""

from collections import deque
from collections.abc import Collection
from dataclasses import dataclass, field
from itertools import accumulate, islice, pairwise

from tasker_core.loss_note import NOTE_BYTES, without_note
from tasker_executor.partition.step_codec import MAX_STEPS, pack, pack_first, read_series, series, unpack

MAX_METADATA_BYTES = 4_096
HEADER_BYTES = 36 + NOTE_BYTES
"""A commit needs no more than this beside its steps: for a writer of 12 characters, how far was read, and a note."""
STEPS_BYTES = MAX_METADATA_BYTES - HEADER_BYTES
MAX_UNFINISHED = MAX_STEPS + 1
"""No commit of ours lists more unfinished records."""
PACKED, EMPTY_BYTES = "z", len(pack(()))
MEASURE_EVERY = 50
"""After this many changes the length of a commit is measured anew, if it may have become too long."""
MAX_CHANGE_BYTES = 12
"""One change lengthens it by no more."""
MIN_CHANGE_BYTES = 0.5
"""The next records lengthen it by as much as those that are listed have, and by no less than this: a bit for each of
them and its neighbour, where those before were regular."""


@dataclass(frozen=True, slots=True)
class OffsetProgress:
    """What a commit states: `unfinished` (ascending) are all records before `read_to` that are still to do."""

    read_to: int
    unfinished: list[int] = field(default_factory=list[int])

    def encode(self, writer: str) -> tuple[int, str]:
        """(offset, metadata) of a commit. What does not fit into the metadata is stated as not read yet."""
        if not self.unfinished:
            return self.read_to, f"{writer} 0:"
        base, steps = self.unfinished[0], _steps(self.unfinished[:MAX_UNFINISHED])
        listed, form, text = len(steps), "", series(steps, STEPS_BYTES)
        if text is None:
            form, (listed, text) = PACKED, pack_first(steps, STEPS_BYTES)
        read_to = self.read_to if listed + 1 == len(self.unfinished) else self.unfinished[listed + 1]
        return base, f"{writer} {form}{read_to - base}:{text}"


def _steps(unfinished: Collection[int]) -> list[int]:
    return [after - before for before, after in pairwise(unfinished)]


def decode_commit(offset: int, metadata: str) -> OffsetProgress:
    """What a commit states; with metadata that is not ours it states only its offset."""
    _, _, content = without_note(metadata).partition(" ")
    span, _, text = content.partition(":")
    try:
        steps = unpack(text) if span.startswith(PACKED) else read_series(text)
        read_to = offset + int(span.removeprefix(PACKED))
        unfinished = list(islice(accumulate(steps, initial=offset), MAX_UNFINISHED + 1))
    except ValueError:
        return OffsetProgress(offset)
    if len(unfinished) > MAX_UNFINISHED or any(a >= b for a, b in pairwise([*unfinished, read_to])):
        return OffsetProgress(offset)  # also when nothing is unfinished: the span is 0
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
        self._measure()

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
        """Whether a commit can list everything, also after `more` records were read, if they are like those before.

        The records that the first commit listed are read again first, which changes nothing.
        """
        if self._expected:
            return True
        since, free = self.changes - self._measured_changes, self._free_bytes(more)
        if since * MAX_CHANGE_BYTES > free and since >= MEASURE_EVERY:
            self._measure()
            free = self._free_bytes(more)
        return free >= 0

    def _measure(self) -> None:
        self._packed_bytes = len(pack(_steps(self._unfinished)))
        self._packed_records, self._measured_changes = len(self._unfinished), self.changes

    def _free_bytes(self, more: int) -> float:
        """What is left of a commit as it was measured, if it changes MEASURE_EVERY times, and `more` records come."""
        each = max(MIN_CHANGE_BYTES, (self._packed_bytes - EMPTY_BYTES) / max(1, self._packed_records))
        return STEPS_BYTES - self._packed_bytes - each * (more + MEASURE_EVERY)
