"""Looks every few seconds how much of each partition is not applied yet, for the metrics alone."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from time import monotonic

from tasker_log_sink import metrics
from tasker_log_sink.consuming.batch_writer import BatchWriter
from tasker_log_sink.consuming.partition_positions import ANSWER_SECONDS, PartitionPositions
from tasker_runtime.kafka.client import TopicPartition, bounded
from tasker_runtime.kafka.partition_lag import LagLooks, LagTracker


class AppliedLagProbe:
    """One look at all partitions that are ours is `look`."""

    def __init__(self, positions: PartitionPositions, writer: BatchWriter) -> None:
        self._positions, self._writer, self._lags = positions, writer, LagTracker()
        self._looks = LagLooks(_show_nothing)
        self._reached: dict[TopicPartition, int] = {}
        """Up to which offset each partition is applied, as far as is known: also while positions are unknown."""

    async def look(self) -> None:
        """Show the lag of each partition. What can't be looked at keeps its last value for half a minute."""
        ours = sorted(self._positions.subscriber.consumer.assignment())
        ends = await self._looks.look(lambda: self._ask(ours))
        if ends is None:
            return
        ages: dict[str, float] = dict.fromkeys(metrics.SOURCE_TOPICS, 0.0)
        known = [partition for partition in ours if partition in self._reached]
        for partition in known:
            lag = self._lags.look(partition, self._reached[partition], ends[partition], monotonic())
            topic = _short(partition)
            metrics.LAG.labels(topic, str(partition.partition)).set(lag.records)
            ages[topic] = max(ages.get(topic, 0.0), lag.seconds)
        for topic, age in ages.items():
            metrics.BACKLOG_AGE.labels(topic).set(age)
        self._forget(known)

    async def _ask(self, ours: Sequence[TopicPartition]) -> Mapping[TopicPartition, int]:
        """Where these partitions end. What is reached is noted after that: the answer may have to wait for records."""
        ends = await bounded(self._positions.subscriber.consumer.end_offsets(ours), ANSWER_SECONDS, "end offsets")
        await self._note_reached()
        return ends

    async def _note_reached(self) -> None:
        """While a batch is being written, or is put back, the consumer is further than what is applied."""
        consumer, idle = self._positions.subscriber.consumer, self._writer.busy_since is None
        for partition, offset in self._positions.applied_offsets().items():
            position = await bounded(consumer.position(partition), ANSWER_SECONDS, "position") if idle else offset
            self._reached[partition] = max(position, offset)

    def _forget(self, ours: Collection[TopicPartition]) -> None:
        for partition in self._lags.retain(ours):
            self._reached.pop(partition, None)
            topic, number = _short(partition), str(partition.partition)
            with suppress(KeyError):  # it may be shown no more
                metrics.LAG.remove(topic, number)
            if topic == "watermarks":
                with suppress(KeyError):  # none may have come yet
                    metrics.WATERMARK.remove(number)


def _show_nothing() -> None:
    metrics.LAG.clear()
    metrics.BACKLOG_AGE.clear()


def _short(partition: TopicPartition) -> str:
    return partition.topic.rpartition(".")[2]
