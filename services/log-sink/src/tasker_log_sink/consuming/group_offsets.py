"""The applied offsets as the group's own, for those who look at its lag in Kafka: operators and autoscalers.

Consumption never starts from them: what counts is in MongoDB.
"""

from typing import Final

from tasker_log_sink.consuming.consumer_interface import PartitionConsumer
from tasker_log_sink.consuming.partition_positions import PartitionPositions
from tasker_runtime.kafka.client import KafkaError, KafkaTimeout, TopicPartition, bounded
from tasker_runtime.logs import Log

COMMIT_SECONDS: Final = 5.0


class GroupOffsets:
    """Commits what is applied and was not committed yet."""

    def __init__(self, positions: PartitionPositions, log: Log) -> None:
        self._positions, self._log = positions, log
        self._committed: dict[TopicPartition, int] = {}

    async def commit(self) -> None:
        """Commit once. What fails, in a rebalance for instance, is left to the next time: nothing depends on it."""
        applied = self._positions.applied_offsets()
        changed = dict(applied.items() - self._committed.items())
        if not changed:
            return
        consumer: PartitionConsumer = self._positions.subscriber.consumer
        try:
            await bounded(consumer.commit(changed), COMMIT_SECONDS, "committing offsets")
        except (KafkaError, KafkaTimeout) as error:
            self._committed.clear()
            self._log.debug("group offsets not committed", reason=f"{type(error).__name__}: {error}"[:300])
        else:
            self._committed = applied
