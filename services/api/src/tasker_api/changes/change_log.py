"""PURE. What has changed lately, in order: who was away for a while hears what he has missed."""

import re
from collections import deque
from typing import Final, NamedTuple

from tasker_api.changes.change_hints import ChangeHints

MAX_BATCHES: Final = 600
MAX_CHANGES: Final = 20_000
"""Of all batches together: some megabytes."""
_TEXT: Final = re.compile(r"(\d{1,10})-(\d{1,10})")


class Position(NamedTuple):
    """A place in the order of all changes of a replica set: the time of MongoDB's log of operations.

    It is the same for everybody who reads that log, and all that one transaction changes has one position.
    """

    seconds: int
    increment: int

    @property
    def text(self) -> str:
        """The id of an event."""
        return f"{self.seconds}-{self.increment}"

    def next(self) -> "Position":
        """The least one after it."""
        return Position(self.seconds, self.increment + 1)


def parse_position(text: str) -> Position | None:
    """The position of an event's id; None for what is none."""
    match = _TEXT.fullmatch(text)
    return None if match is None else Position(int(match[1]), int(match[2]))


class ChangeBatch(NamedTuple):
    """The changes up to a position; those at the position itself may go on in the next batch."""

    sequence: int
    position: Position
    changes: ChangeHints


class ChangeLog:
    """All changes from `complete_from` to `end`; the oldest are dropped."""

    def __init__(self, start: Position) -> None:
        self.complete_from, self.end = start, start
        self.sequence = 0
        self.dropped = False
        self._batches: deque[ChangeBatch] = deque()
        self._size = 0

    def append(self, position: Position, changes: ChangeHints) -> None:
        """The changes up to a position."""
        self.sequence += 1
        self.end = max(self.end, position)
        self._batches.append(ChangeBatch(self.sequence, self.end, changes))
        self._size += changes.size
        while len(self._batches) > MAX_BATCHES or (self._size > MAX_CHANGES and len(self._batches) > 1):
            oldest = self._batches.popleft()
            self._size -= oldest.changes.size
            self.complete_from, self.dropped = oldest.position.next(), True

    def covers(self, position: Position) -> bool:
        """Whether everything that came at a position or after it is here."""
        return position >= self.complete_from

    def since(self, sequence: int, position: Position) -> ChangeHints | None:
        """What came in batches after a sequence number, but before no position; None when some of it is dropped."""
        first = self._batches[0].sequence if self._batches else self.sequence + 1
        if sequence < first - 1 and not self.covers(position):
            return None
        found: list[ChangeHints] = []
        for batch in reversed(self._batches):
            if batch.sequence <= sequence:
                break
            if batch.position >= position:
                found.append(batch.changes)
        if len(found) == 1:
            return found[0]  # with the texts that it has made for others
        merged = ChangeHints()
        for changes in reversed(found):
            merged.merge(changes)
        return merged
