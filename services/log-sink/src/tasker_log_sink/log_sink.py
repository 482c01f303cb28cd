"""The log sink as a whole: MongoDB set up, the group joined, and the loops beside the subscriber."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeVar

from faststream.kafka import KafkaBroker

from tasker_core.errors import TaskerError
from tasker_core.time.instant import from_ms
from tasker_core.topics import TopicName
from tasker_log_sink.backlog import Backlog
from tasker_log_sink.consuming.batch_subscriber import BatchSubscriber
from tasker_log_sink.consuming.batch_writer import DATABASE, BatchLimits, BatchWriter, DeadLetterPublisher
from tasker_log_sink.consuming.broker_security import broker_security
from tasker_log_sink.consuming.cluster_id import cluster_id
from tasker_log_sink.consuming.decoding import SOURCES
from tasker_log_sink.consuming.gap_detector import GapDetector
from tasker_log_sink.consuming.group_offsets import GroupOffsets
from tasker_log_sink.consuming.partition_positions import PartitionPositions
from tasker_log_sink.health_probe import KAFKA, LOOP, HealthProbe
from tasker_log_sink.lag_probe import AppliedLagProbe
from tasker_log_sink.log_spans import LogSpans
from tasker_log_sink.settings import SinkSettings
from tasker_log_sink.statistics_merger import MERGE_SECONDS, StatisticsMerger
from tasker_log_sink.store.background_upgrade import BackgroundUpgrade
from tasker_log_sink.store.collection_setup import drop_retired_indexes, set_up_collections
from tasker_log_sink.store.next_time_upgrade import NextTimeUpgrade
from tasker_log_sink.store.projection_store import ProjectionStore
from tasker_log_sink.store.revision_upgrade import upgrade_revisions
from tasker_log_sink.task_progress_writer import ProgressWriter
from tasker_runtime.clock import Clock
from tasker_runtime.health import Health
from tasker_runtime.kafka.client import KafkaError, TopicPartition, stop_bounded
from tasker_runtime.kafka.connecting import connect
from tasker_runtime.kafka.group.predecessor import remove_predecessor
from tasker_runtime.kafka.partition_lag import LOOK_SECONDS
from tasker_runtime.logs import Log
from tasker_runtime.mongo import Mongo, PyMongoError
from tasker_runtime.tracing.spans import SpanRecorder

RETRY_SECONDS: Final = 1.0
LOOP_SECONDS: Final = 1.0
LOOP_MS: Final = 120_000
"""Longer than the bounds of any step together: while Kafka or MongoDB does not answer, the loop lives."""
T = TypeVar("T")


class LogSink:
    """One member of the log sink's group."""

    def __init__(
        self,
        settings: SinkSettings,
        mongo: Mongo,
        dead_letters: DeadLetterPublisher,
        clock: Clock,
        health: Health,
        log: Log,
        recorder: SpanRecorder | None = None,
    ) -> None:
        self._spans = None if recorder is None else LogSpans(recorder)
        self._settings, self._mongo, self._dead_letters = settings, mongo, dead_letters
        self._clock, self._health, self._log = clock, health, log
        self._gaps = GapDetector(clock, health, log)
        health.expect(DATABASE)
        health.expect(KAFKA)
        health.expect(LOOP, every_ms=LOOP_MS)

    async def run(self, stopping: asyncio.Event) -> None:
        """Until `stopping` is set: then the pending batch is finished, within the drain time, and the group is left."""
        work = asyncio.create_task(self._work())
        stop = asyncio.create_task(stopping.wait())
        await asyncio.wait({work, stop}, return_when=asyncio.FIRST_COMPLETED)
        stop.cancel()
        work.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await work  # an error that nobody foresaw ends the process, loudly

    async def _work(self) -> None:
        await self._retry(DATABASE, lambda: set_up_collections(self._mongo, self._settings.retentions))
        await self._retry(DATABASE, lambda: drop_retired_indexes(self._mongo))
        cluster = await self._retry(KAFKA, lambda: cluster_id(self._settings.kafka))
        store = ProjectionStore(self._mongo, cluster, self._settings.topic_prefix)
        await self._retry(DATABASE, store.open)
        await self._retry(DATABASE, lambda: self._check_cluster(store))
        await remove_predecessor(self._settings.kafka, self._group, self._log)
        backlog = Backlog()
        progress_writer = ProgressWriter(store, backlog, self._clock, self._health, self._log)
        merger = StatisticsMerger(store, backlog, self._clock, self._health, self._log)
        broker, positions, probe, lag_probe = await self._retry(
            KAFKA, lambda: self._join(store, backlog, progress_writer)
        )
        group_offsets = GroupOffsets(positions, self._gaps.notes, self._log)
        upgrade = self._upgrade(cluster)
        try:
            async with asyncio.TaskGroup() as loops:
                loops.create_task(self._repeat(lambda: progress_writer.write_pending(LOOP_SECONDS)))
                loops.create_task(self._repeat(merger.merge, MERGE_SECONDS))
                loops.create_task(self._repeat(lambda: positions.restore(LOOP_SECONDS)))
                loops.create_task(self._repeat(probe.probe, LOOP_SECONDS))
                loops.create_task(self._repeat(lag_probe.look, LOOK_SECONDS))
                loops.create_task(self._repeat(group_offsets.commit, LOOP_SECONDS))
                loops.create_task(upgrade.run())
                loops.create_task(NextTimeUpgrade(self._mongo, store, self._log).run())
        finally:
            await self._leave(broker, progress_writer, merger)

    def _upgrade(self, cluster: str) -> BackgroundUpgrade:
        mongo, now = self._mongo, lambda: from_ms(self._clock.now_ms())
        own_store = ProjectionStore(mongo, cluster, self._settings.topic_prefix, counts_runs=False)

        async def upgrade_histories() -> int | None:
            await own_store.open()
            return await upgrade_revisions(mongo, own_store, now)

        return BackgroundUpgrade({"revisions": upgrade_histories}, self._log)

    async def _join(
        self, store: ProjectionStore, backlog: Backlog, progress_writer: ProgressWriter
    ) -> tuple[KafkaBroker, PartitionPositions, HealthProbe, AppliedLagProbe]:
        """A new broker that has joined the group; one that could not is discarded."""
        settings, topics = self._settings, self._settings.topics
        clock, health, log = self._clock, self._health, self._log
        sources: dict[str, TopicName] = {topics[source]: source for source in SOURCES}
        limits = BatchLimits(settings.log_sink_batch_records, settings.log_sink_batch_bytes)
        group, progress_topics = self._group, frozenset({topics["results"], topics["verdicts"]})
        broker = self._broker()
        positions = PartitionPositions(
            lambda listener: BatchSubscriber(broker, list(sources), topics["results"], group, limits.records, listener),
            progress_topics,
            store,
            self._gaps,
            clock,
            health,
            log,
        )
        writer = BatchWriter(
            sources,
            limits,
            store,
            positions,
            progress_writer,
            backlog,
            self._dead_letters,
            clock,
            health,
            log,
            self._spans,
        )
        positions.subscriber.handle(writer.write)
        first = TopicPartition(topics["results"], 0)
        probe = HealthProbe(positions, writer, self._gaps, self._mongo, store, first, health)
        try:
            await connect(broker.start(), settings.kafka, "joining the group")
        except BaseException:
            await stop_bounded(broker.stop(), "a subscriber that could not join")
            raise
        log.info("joined", topics=sorted(sources), cluster=store.cluster_id)
        return broker, positions, probe, AppliedLagProbe(positions, writer)

    @property
    def _group(self) -> str:
        return self._settings.group("log-sink")

    def _broker(self) -> KafkaBroker:
        logger = logging.getLogger("tasker.faststream")
        logger.setLevel(logging.ERROR)  # it warns at every start that it makes no topics
        return KafkaBroker(
            self._settings.kafka.bootstrap,
            security=broker_security(self._settings.kafka),
            client_id=self._settings.kafka.client_id,
            consumer_only=True,
            allow_auto_create_topics=False,
            request_timeout_ms=10_000,
            metadata_max_age_ms=10_000,
            graceful_timeout=self._settings.drain_seconds,
            logger=logger,
            apply_types=False,
        )

    async def _leave(self, broker: KafkaBroker, progress_writer: ProgressWriter, merger: StatisticsMerger) -> None:
        """Finish the pending batch and leave the group; what does not end in time is left to the process's end.

        In tasks of their own: a client awaits what it has cancelled, and that must not become our cancellation.
        """
        endings = (
            (progress_writer.flush(), "the progress of tasks"),  # else who takes over reads all of it again
            (broker.stop(), "the subscriber"),
            (progress_writer.flush(), "the last progress of tasks"),
            (merger.flush(), "the statistics"),
        )
        for ending, what in endings:
            task = asyncio.create_task(ending)
            await asyncio.wait({task}, timeout=self._settings.drain_seconds / len(endings))
            if not task.done() or task.cancelled() or task.exception():
                self._log.warning("stopped too early", unfinished=what)

    async def _check_cluster(self, store: ProjectionStore) -> None:
        if others := await store.other_clusters(self._settings.topics["results"]):
            self._gaps.report_other_clusters(store.cluster_id, others)

    async def _retry(self, check: str, step: Callable[[], Awaitable[T]]) -> T:
        """Do one step of the start, again and again while what it needs is away."""
        logged = ""
        while True:
            self._health.ok(LOOP)
            try:
                return await step()
            except (TaskerError, KafkaError, PyMongoError) as error:
                self._health.fail(check, str(error)[:500])
                if logged != (logged := type(error).__name__):
                    self._log.error("cannot start yet", needs=check, reason=str(error)[:500])
                await asyncio.sleep(RETRY_SECONDS)

    @staticmethod
    async def _repeat(step: Callable[[], Awaitable[Any]], pause: float = 0) -> None:
        while True:
            await step()
            await asyncio.sleep(pause)
