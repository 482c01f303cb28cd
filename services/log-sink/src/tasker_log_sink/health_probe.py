"""Looks at what goes on by itself: the subscriber's loop, MongoDB, fetching, jumps in offsets, rebuilds."""

from collections.abc import Callable
from datetime import datetime
from time import monotonic
from typing import Final, NamedTuple, Protocol

from tasker_core.time.instant import to_ms
from tasker_log_sink.consuming.batch_writer import DATABASE, BatchWriter
from tasker_log_sink.consuming.gap_detector import GapDetector
from tasker_log_sink.consuming.partition_positions import ANSWER_SECONDS, PartitionPositions
from tasker_runtime.clock import monotonic_ms
from tasker_runtime.health import Health
from tasker_runtime.kafka.client import KafkaError, KafkaTimeout, TopicPartition, bounded
from tasker_runtime.mongo import PyMongoError

LOOP: Final = "loop"
KAFKA: Final = "kafka"
HANGS_SECONDS: Final = 120.0
"""A batch takes at most the tries of its transaction; MongoDB's bounds end each of them."""
SILENT_MS: Final = 10_000
ASK_MS: Final = 5_000


class PingableDatabase(Protocol):
    """What the runtime's Mongo does."""

    async def ping(self) -> None: ...


class RebuildHistory(Protocol):
    """What the ProjectionStore knows of rebuilds."""

    async def finished_rebuild(self) -> datetime | None:
        """When the last rebuild began that is done. Raises PyMongoError."""
        ...


class _Answer(NamedTuple):
    """The time that the last answered fetch of a partition has left, by the machine's clock, and since when it is that
    one, in monotonic milliseconds."""

    at: int | None
    seen_ms: int


class HealthProbe:
    """One look at everything is `probe`; it is taken every second. `now_ms` are monotonic milliseconds."""

    def __init__(
        self,
        positions: PartitionPositions,
        writer: BatchWriter,
        gaps: GapDetector,
        database: PingableDatabase,
        rebuilds: RebuildHistory,
        any_partition: TopicPartition,
        health: Health,
        now_ms: Callable[[], int] = monotonic_ms,
    ) -> None:
        self._subscriber, self._positions, self._writer, self._gaps = positions.subscriber, positions, writer, gaps
        self._database, self._rebuilds, self._health = database, rebuilds, health
        self._now_ms, self._answers = now_ms, dict[TopicPartition, _Answer]()
        self._any_partition, self._answered_ms, self._ends_ms = any_partition, -ASK_MS, -ASK_MS

    async def probe(self) -> None:
        """Report what is seen to the health checks."""
        self._probe_loop()
        await self._probe_kafka()
        await self._probe_database()
        await self._probe_jumps()
        await self._probe_ends()
        await self._probe_rebuild()

    def _probe_loop(self) -> None:
        since = self._writer.busy_since
        if self._subscriber.is_running and (since is None or monotonic() - since < HANGS_SECONDS):
            self._health.ok(LOOP)

    async def _probe_kafka(self) -> None:
        """Every fetch that is answered leaves its time, empty or not. One broker of several may be out of reach: each
        partition that is asked for is judged. Nothing is asked of one whose records wait here, or that has no position.
        """
        now, consumer = self._now_ms(), self._subscriber.consumer
        if not consumer.assignment():
            await self._ask_kafka(now)
            return
        waiting, answers = self._subscriber.buffered(), dict[TopicPartition, _Answer]()
        for partition in self._positions.partitions:
            at, before = consumer.last_poll_timestamp(partition), self._answers.get(partition)
            if before is None or before.at != at or partition in waiting:
                before = _Answer(at, now)
            answers[partition] = before
        self._answers = answers
        silent = sorted(partition for partition, one in answers.items() if now - one.seen_ms > SILENT_MS)
        if silent:
            seconds = (now - min(one.seen_ms for one in answers.values())) // 1000
            first = ", ".join(f"{topic} {number}" for topic, number in silent[:3])
            which = first if len(silent) <= 3 else f"{first} and {len(silent) - 3} more"
            self._health.fail(KAFKA, f"no fetch was answered for {seconds} s of {which}")
        else:
            self._health.ok(KAFKA)

    async def _ask_kafka(self, now: int) -> None:
        """For a member that has no partitions, since there are more members than partitions."""
        if now - self._answered_ms < ASK_MS:
            return
        try:
            asking = self._subscriber.consumer.beginning_offsets([self._any_partition])
            await bounded(asking, ANSWER_SECONDS, "first offset")
        except (KafkaError, KafkaTimeout) as error:
            self._health.fail(KAFKA, f"Kafka does not answer: {error}"[:500])
        else:
            self._answered_ms = now
            self._health.ok(KAFKA)

    async def _probe_database(self) -> None:
        try:
            await self._database.ping()
        except PyMongoError as error:
            self._health.fail(DATABASE, f"does not answer; what it lacks will be read again: {error}"[:500])
        else:
            self._health.ok(DATABASE)

    async def _probe_jumps(self) -> None:
        jumped = [partition for partition in self._gaps.jumped() if partition in self._positions.partitions]
        if not jumped:
            return
        try:
            asking = self._subscriber.consumer.beginning_offsets(jumped)
            self._gaps.check_jumps(await bounded(asking, ANSWER_SECONDS, "first offsets"))
        except (KafkaError, KafkaTimeout):
            return  # the next probe asks again

    async def _probe_ends(self) -> None:
        """Every few seconds whether Kafka still holds what is applied. What is not is read anew from what there is."""
        now, applied = self._now_ms(), self._positions.applied_offsets()
        if now - self._ends_ms < ASK_MS or not applied:
            return
        self._ends_ms = now
        try:
            asking = self._subscriber.consumer.end_offsets(list(applied))
            ends = await bounded(asking, ANSWER_SECONDS, "end offsets")
        except (KafkaError, KafkaTimeout):
            return  # the next probe asks again
        cut = [partition for partition, end in ends.items() if self._gaps.check_end(partition, applied[partition], end)]
        if cut:
            self._positions.invalidate(cut)

    async def _probe_rebuild(self) -> None:
        """Gaps are over when a rebuild is done that began after the last of them was found."""
        found_ms = self._gaps.found_ms
        if found_ms is None:
            return
        try:
            began = await self._rebuilds.finished_rebuild()
        except PyMongoError:
            return  # the next probe asks again
        if began is not None and to_ms(began) >= found_ms:
            self._gaps.resolve(to_ms(began))
