"""The applied offsets as the group's own, for those who look at its lag in Kafka: operators and autoscalers.

Consumption never starts from them: what counts is in MongoDB. Lost records are noted beside them, for the API.
"""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Final

from tasker_core.loss_note import with_note
from tasker_log_sink.consuming.consumer_interface import PartitionConsumer
from tasker_log_sink.consuming.partition_positions import PartitionPositions
from tasker_runtime.kafka.client import KafkaError, KafkaTimeout, TopicPartition, bounded
from tasker_runtime.kafka.group.group_consumer import committed_offsets
from tasker_runtime.kafka.lost_records import LossNotes
from tasker_runtime.logs import Log

COMMIT_SECONDS: Final = 5.0
Committed = Callable[[Any, Iterable[TopicPartition]], Awaitable[dict[TopicPartition, tuple[int, str]]]]


class GroupOffsets:
    """Commits what is applied or noted, and was not committed yet. `committed` asks for the commits of the group."""

    def __init__(
        self, positions: PartitionPositions, notes: LossNotes, log: Log, committed: Committed = committed_offsets
    ) -> None:
        self._positions, self._notes, self._log, self._ask = positions, notes, log, committed
        self._committed: dict[TopicPartition, tuple[int, str]] = {}

    async def commit(self) -> None:
        """Commit once. What fails, in a rebalance for instance, is left to the next time: nothing depends on it."""
        applied = self._positions.applied_offsets()
        consumer: PartitionConsumer = self._positions.subscriber.consumer
        try:
            if new := applied.keys() - self._committed.keys():
                for partition, (_, metadata) in (await self._ask(consumer, new)).items():
                    self._notes.restore(partition, metadata)
            wanted = {one: (offset, with_note("", self._notes.of(one))) for one, offset in applied.items()}
            if changed := dict(wanted.items() - self._committed.items()):
                await bounded(consumer.commit(changed), COMMIT_SECONDS, "committing offsets")
        except (KafkaError, KafkaTimeout) as error:
            self._committed.clear()
            self._log.debug("group offsets not committed", reason=f"{type(error).__name__}: {error}"[:300])
        else:
            self._committed = wanted
