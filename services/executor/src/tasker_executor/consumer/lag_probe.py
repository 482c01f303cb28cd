"""Looks every few seconds how much of each partition is not read yet, for the metrics alone."""

import asyncio
from collections.abc import Collection, Mapping
from typing import Protocol

from tasker_executor import metrics
from tasker_executor.partition.priority_lanes import LANES, Lane
from tasker_runtime.kafka.client import TopicPartition
from tasker_runtime.kafka.group.group_consumer import PartitionProgress
from tasker_runtime.kafka.partition_lag import LOOK_SECONDS, LagLooks, LagTracker


class ProgressSource(Protocol):
    """What the runtime's GroupConsumer does."""

    async def progress(self, partitions: Collection[TopicPartition]) -> dict[TopicPartition, PartitionProgress]: ...


class DueLagProbe:
    """`unread_seconds`: for how long the oldest run of each lane has waited to be read, as of the last look."""

    def __init__(self, lanes: Mapping[str, Lane]) -> None:
        self._lanes, self._lags = lanes, LagTracker()
        self.unread_seconds: dict[Lane, float] = dict.fromkeys(LANES, 0.0)

    async def run(
        self, consumer: ProgressSource, partitions: Mapping[TopicPartition, object], positioned: asyncio.Event
    ) -> None:
        """Look until cancelled, while `positioned` is set. What can't be looked at keeps its value for 30 s."""
        now = asyncio.get_running_loop().time
        looks = LagLooks(lambda: self.take_in({}, now()))
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            await positioned.wait()
            progress = await looks.look(lambda: consumer.progress(list(partitions)))
            if progress is not None:
                self.take_in(progress, now())

    def take_in(self, progress: Mapping[TopicPartition, PartitionProgress], now: float) -> None:
        """Show the lag of these partitions and of no others; `now` are monotonic seconds."""
        ages: dict[Lane, float] = dict.fromkeys(LANES, 0.0)
        for partition, (position, end) in progress.items():
            lag, lane = self._lags.look(partition, position, end, now), self._lanes[partition.topic]
            metrics.LAG.labels(*_labels(partition)).set(lag.records)
            ages[lane] = max(ages[lane], lag.seconds)
        for gone in self._lags.retain(progress):
            metrics.LAG.remove(*_labels(gone))
        self.unread_seconds = ages


def _labels(partition: TopicPartition) -> tuple[str, str]:
    return partition.topic.rpartition(".")[2], str(partition.partition)
