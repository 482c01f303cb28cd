"""What is asked of a store: the one in MongoDB and the one in memory both do it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from tasker_log_sink.projection.decoded_record import DecodedRecord
from tasker_log_sink.projection.tasks.task_progress import TaskProgress
from tasker_log_sink.store.partition_offsets import OffsetAdvance, StoredPosition
from tasker_runtime.kafka.client import TopicPartition


class BatchStore(Protocol):
    """Applies batches of records, and knows up to which offset they are applied."""

    async def claim(self, partitions: Sequence[TopicPartition], now: datetime) -> dict[TopicPartition, StoredPosition]:
        """Take partitions over and return their positions. Raises PyMongoError."""
        ...

    async def apply(
        self, advances: Sequence[OffsetAdvance], records: Sequence[DecodedRecord], now: datetime
    ) -> dict[str, TaskProgress]:
        """Write what records say and move the offsets, all or nothing; returns the progress that is left to write.

        Raises OffsetConflict when a partition is not where the batch starts, PyMongoError when the store fails (the
        outcome is then unknown: read the position again), one of UNSTORABLE when a document cannot be stored.
        """
        ...


class MergingStore(Protocol):
    """Puts the statistics of batches together."""

    async def merge_statistics(self, now: datetime) -> int:
        """Merge what batches have added, each once; returns how many batches that were. Raises PyMongoError."""
        ...


class ProgressStore(Protocol):
    """Writes the progress of tasks."""

    async def write_progress(self, progress: Mapping[str, TaskProgress], now: datetime) -> None:
        """Write progress by task id; it may be repeated. Raises PyMongoError."""
        ...

    async def save_progress_offsets(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Note up to which offsets all progress is written; a lesser one changes nothing. Raises PyMongoError."""
        ...
