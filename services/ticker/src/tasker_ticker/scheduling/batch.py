"""PURE. What one turn of a partition writes: all of it in one transaction, or none."""

from dataclasses import dataclass, field
from typing import Literal

Lane = Literal["due-tasks", "due-background"]
Stream = Literal["due-tasks", "due-background", "verdicts", "ticker-state"]
Pair = tuple[bytes, bytes | None]

MAX_RUNS = 5_000
MAX_BYTES = 4 * 1024 * 1024


@dataclass(slots=True)
class Turn:
    """The records of one transaction, by topic, and the watermark that goes with them.

    `more` says that something due is left over, for want of room; `fired` are the seconds of the live lane.
    """

    records: dict[Stream, list[Pair]] = field(default_factory=dict[Stream, list[Pair]])
    watermark: bytes = b""
    more: bool = False
    runs: int = 0
    size: int = 0
    events: int = 0
    fired: list[int] = field(default_factory=list[int])
    missed: dict[str, int] = field(default_factory=dict[str, int])
    verdicts: dict[str, int] = field(default_factory=dict[str, int])

    @property
    def full(self) -> bool:
        """No more runs fit this transaction."""
        return self.runs >= MAX_RUNS or self.size >= MAX_BYTES

    def add(self, stream: Stream, key: str, value: bytes | None) -> None:
        """Add one record."""
        pairs = self.records.get(stream)
        if pairs is None:
            pairs = self.records[stream] = []
        pairs.append((key.encode(), value))
        if value is not None:
            self.size += len(value)
