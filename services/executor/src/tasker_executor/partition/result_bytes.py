"""PURE. How much the results take that are not acknowledged yet: a bound on memory while Kafka is away or slow."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

MAX_RESULT_BYTES: Final = 64 * 1024 * 1024
"""Beyond this nothing is read and no run starts; those that execute may add theirs."""


class ResultBytes:
    """The size of all results of this process on their way to Kafka, and of those that wait for what goes before."""

    def __init__(self, limit: int = MAX_RESULT_BYTES) -> None:
        self._limit, self.size = limit, 0

    @property
    def is_full(self) -> bool:
        """Whether no more are to come for now."""
        return self.size >= self._limit

    def add(self, size: int) -> None:
        """A result of so many bytes is on its way."""
        self.size += size

    def remove(self, size: int) -> None:
        """It is acknowledged."""
        self.size -= size

    @contextmanager
    def holding(self, size: int) -> Generator[None]:
        """A result that waits counts, too, until it is on its way or given up."""
        self.size += size
        try:
            yield
        finally:
            self.size -= size
