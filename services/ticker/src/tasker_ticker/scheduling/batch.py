"""PURE. What one transaction of a partition writes: all of it, or none."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from tasker_core.chains.graph import MAX_LINKS

Lane = Literal["due-tasks", "due-background"]
OutputTopic = Literal["due-tasks", "due-background", "verdicts", "ticker-state", "chains", "calendars"]
KeyValue = tuple[bytes | None, bytes | None]


def never() -> bool:
    """It is never so."""
    return False


@dataclass(slots=True)
class TransactionBatch:
    """The records of one transaction, by topic, and the watermark that goes with them.

    It is full at `max_runs` runs or `max_bytes` bytes, or when its events were checked against `MAX_LINKS` links of
    chains (`links`); `has_more` says that something due is left for the next one. `events` are applied in it,
    `handovers` tasks handed over to other versions of calendars, `expired` things removed or forgotten that were over,
    and of `judged` tasks the deadlines judged; `live_seconds` are those whose runs it emits in the live lane.

    `is_spent`: whether to build it has taken long enough: what can wait is left for the next one, but for a little.
    """

    max_runs: int
    max_bytes: int
    records: dict[OutputTopic, list[KeyValue]] = field(default_factory=dict[OutputTopic, list[KeyValue]])
    watermark: bytes = b""
    has_more: bool = False
    runs: int = 0
    size: int = 0
    events: int = 0
    links: int = 0
    handovers: int = 0
    expired: int = 0
    judged: int = 0
    live_seconds: list[int] = field(default_factory=list[int])
    missed: dict[str, int] = field(default_factory=dict[str, int])
    verdicts: dict[str, int] = field(default_factory=dict[str, int])
    is_spent: Callable[[], bool] = never

    @property
    def is_full(self) -> bool:
        """No more runs fit this transaction."""
        return self.runs >= self.max_runs or self.size >= self.max_bytes or self.links >= MAX_LINKS

    def add(self, topic: OutputTopic, key: str | None, value: bytes | None) -> None:
        """Add one record."""
        pairs = self.records.get(topic)
        if pairs is None:
            pairs = self.records[topic] = []
        pairs.append((None if key is None else key.encode(), value))
        if value is not None:
            self.size += len(value)
