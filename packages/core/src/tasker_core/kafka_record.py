"""PURE. A Kafka record as it was read, and where one was written."""

from collections.abc import Sequence
from typing import NamedTuple


class Record(NamedTuple):
    """One record as it was read. `timestamp` is the broker's append time in epoch milliseconds."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]


class RecordPosition(NamedTuple):
    """Where a record was written."""

    partition: int
    offset: int
