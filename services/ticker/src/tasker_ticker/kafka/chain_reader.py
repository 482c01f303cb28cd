"""What the topic `chains` says of all tasks, kept up to date in the background."""

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from tasker_core.topics import Topics
from tasker_runtime.compacted_topic_reader import CompactedTopicReader, TableSource
from tasker_runtime.health import Health
from tasker_runtime.kafka.client import TopicPartition
from tasker_runtime.logs import Log
from tasker_ticker.scheduling.memory.chain_links import ChainTable

CHECK: Final = "chains"


class ChainReader(CompactedTopicReader[ChainTable]):
    """The chains of all partitions, as far as they are read."""

    def __init__(
        self, reader: Callable[[], TableSource], topics: Topics, partitions: int, health: Health, log: Log
    ) -> None:
        where = [TopicPartition(topics["chains"], number) for number in range(partitions)]
        super().__init__(reader, where, ChainTable, CHECK, health, log)

    def successors(self, task_id: str) -> Sequence[str]:
        """The tasks that a task starts."""
        return self.table.successors(task_id)

    def predecessors(self, task_id: str) -> Iterable[str]:
        """The tasks that start a task."""
        return self.table.predecessors(task_id)
