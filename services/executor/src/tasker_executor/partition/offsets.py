"""PURE. Which records of a partition are finished, in any order, and how that is told in a commit.

A commit is the offset of the first unfinished record and a text of at most 4,096 bytes (the broker's limit): who wrote
it, how far was read, and the steps from each unfinished record to the next (`1x400`: 400 equal ones). Offsets that are
no records (markers of transactions) need no care, since only what was read can be unfinished.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby, pairwise

MAX_METADATA_BYTES = 4_096
MAX_TOLD = 100_000
"""More unfinished records than this no commit of ours tells."""
STEP_BYTES = 12
"""One change lengthens the text of a commit by about so much at most."""
LOOK_EVERY = 50


@dataclass(frozen=True, slots=True)
class Progress:
    """What a commit tells: `unfinished` (ascending) are all the records before `read_to` that are left to do."""

    read_to: int
    unfinished: list[int] = field(default_factory=list[int])

    def commit(self, writer: str) -> tuple[int, str]:
        """(offset, metadata). What is beyond the room of the metadata is told as not read yet."""
        if not self.unfinished:
            return self.read_to, f"{writer} 0:"
        base, read_to, told = self.unfinished[0], self.read_to, 0
        room = MAX_METADATA_BYTES - len(writer) - 24
        steps: list[str] = []
        for step, count in self._steps():
            room -= len(step) + 1
            if room < 0 or told + count > MAX_TOLD:
                read_to = self.unfinished[told + 1]
                break
            steps.append(step)
            told += count
        return base, f"{writer} {read_to - base}:{','.join(steps)}"

    def _steps(self) -> Iterator[tuple[str, int]]:
        """The text of each stretch of equal steps, and how many steps it is."""
        for step, equal in groupby(after - before for before, after in pairwise(self.unfinished)):
            count = sum(1 for _ in equal)
            yield (str(step) if count == 1 else f"{step}x{count}"), count


def stored(offset: int, metadata: str) -> Progress:
    """What a commit told; one whose metadata is not ours tells just its offset."""
    _, _, told = metadata.partition(" ")
    span, _, steps = told.partition(":")
    try:
        read_to, unfinished = offset + int(span), [offset] if int(span) else []
        for step in filter(None, steps.split(",")):
            width, _, times = step.partition("x")
            count = int(times or 1)
            if count > MAX_TOLD - len(unfinished) + 1:
                return Progress(offset)
            for _ in range(count):
                unfinished.append(unfinished[-1] + int(width))
    except (ValueError, IndexError):
        return Progress(offset)
    if any(a >= b for a, b in pairwise([*unfinished, read_to])):
        return Progress(offset)
    return Progress(read_to, unfinished)


def writer_of(metadata: str) -> str:
    """Who wrote a commit; empty when nobody we know."""
    writer, space, _ = metadata.partition(" ")
    return writer if space else ""


class Offsets:
    """The records of one partition, from where a commit left off. Offsets are admitted in ascending order."""

    def __init__(self, start: Progress | None) -> None:
        self._read_to = start.read_to if start else None
        self._expected = deque(start.unfinished if start else ())
        self._open = dict.fromkeys(self._expected)
        self.changes = 0
        self._length, self._looked = 0, 0

    def __len__(self) -> int:
        """How many are unfinished, of those that were read."""
        return len(self._open) - len(self._expected)

    @property
    def resume_at(self) -> int | None:
        """The offset to read on from; None: from the beginning of the partition."""
        return self._expected[0] if self._expected else self._read_to

    def admit(self, offset: int) -> bool:
        """Whether a record that was read is to be done: it is not finished, nor under way already."""
        expected = self._expected
        while expected and expected[0] < offset:  # gone from the topic since the commit
            self.finish(expected.popleft())
        if self._read_to is None or offset >= self._read_to:
            self._open[offset] = None
            self._read_to = offset + 1
            self.changes += 1
            return True
        if expected and expected[0] == offset:
            expected.popleft()
            return True
        return False

    def finish(self, offset: int) -> None:
        """Note that an admitted record is finished; harmless to repeat."""
        self._open.pop(offset, 0)
        self.changes += 1

    def progress(self) -> Progress | None:
        """What there is to commit; None before anything was read."""
        return None if self._read_to is None else Progress(self._read_to, list(self._open))

    def can_tell(self, more: int) -> bool:
        """Whether a commit can tell all, also after so many more records were read.

        What the commit told with which we began is read again first, which changes nothing.
        """
        if self._expected:
            return True
        room = MAX_METADATA_BYTES - more * STEP_BYTES
        since = self.changes - self._looked
        if self._length + since * STEP_BYTES > room and (since >= LOOK_EVERY or self._length > room):
            progress = self.progress()
            self._length = 0 if progress is None else len(progress.commit("")[1])
            self._looked, since = self.changes, 0
        return self._length + since * STEP_BYTES <= room
