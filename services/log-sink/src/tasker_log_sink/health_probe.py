"""Looks after what goes on by itself: the subscriber's loop, MongoDB, fetching, and jumps in the offsets."""

from time import monotonic
from typing import Any

from tasker_log_sink.consuming.batch_writer import DATABASE, BatchWriter
from tasker_log_sink.consuming.gap_detector import GapDetector
from tasker_log_sink.consuming.partition_positions import ANSWER_SECONDS, PartitionPositions
from tasker_runtime.clock import Clock
from tasker_runtime.health import Health
from tasker_runtime.kafka.client import KafkaError, KafkaTimeout, bounded
from tasker_runtime.mongo import Mongo, PyMongoError

LOOP, KAFKA = "loop", "kafka"
HANGS_SECONDS = 120.0
"""A batch takes at most the tries of its transaction; MongoDB's bounds end each of them."""
SILENT_MS = 10_000


class HealthProbe:
    """One look at everything is `look`; it is taken every second."""

    def __init__(
        self,
        subscriber: Any,
        sink: BatchWriter,
        placement: PartitionPositions,
        history: GapDetector,
        mongo: Mongo,
        clock: Clock,
        health: Health,
    ) -> None:
        self._subscriber, self._sink, self._placement, self._history = subscriber, sink, placement, history
        self._mongo, self._clock, self._health = mongo, clock, health
        self._fetched_ms = clock.now_ms()

    async def look(self) -> None:
        """Report what is seen to the health checks."""
        self._loop()
        self._kafka()
        await self._database()
        await self._jumps()

    def _loop(self) -> None:
        since = self._sink.busy_since
        alive = any(not task.done() for task in self._subscriber.tasks)
        if alive and (since is None or monotonic() - since < HANGS_SECONDS):
            self._health.ok(LOOP)

    def _kafka(self) -> None:
        """Every fetch that is answered leaves its time, empty or not; without placed partitions none is sent."""
        now, consumer, places = self._clock.now_ms(), self._subscriber.consumer, self._placement.places
        answered = [consumer.last_poll_timestamp(partition) or 0 for partition in places]
        self._fetched_ms = max(self._fetched_ms, *answered) if answered else now
        if now - self._fetched_ms > SILENT_MS:
            self._health.fail(KAFKA, f"no fetch was answered for {(now - self._fetched_ms) // 1000} s")
        else:
            self._health.ok(KAFKA)

    async def _database(self) -> None:
        try:
            await self._mongo.ping()
        except PyMongoError as error:
            self._health.fail(DATABASE, f"does not answer; keeping the place: {error}"[:500])
        else:
            self._health.ok(DATABASE)

    async def _jumps(self) -> None:
        jumped = [partition for partition in self._history.jumped() if partition in self._placement.places]
        if not jumped:
            return
        try:
            asking = self._subscriber.consumer.beginning_offsets(jumped)
            self._history.check(await bounded(asking, ANSWER_SECONDS, "first offsets"))
        except (KafkaError, KafkaTimeout):
            return  # the next look asks again
