"""The log sink as a whole: MongoDB made ready, the group joined, and two loops beside the subscriber."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from faststream.kafka import KafkaBroker

from tasker_core.errors import TaskerError
from tasker_core.topics import TopicName
from tasker_log_sink.consuming.batch_writer import DATABASE, BatchLimits, BatchWriter
from tasker_log_sink.consuming.cluster import cluster_id
from tasker_log_sink.consuming.decoding import SOURCES
from tasker_log_sink.consuming.gap_detector import GapDetector
from tasker_log_sink.consuming.partition_positions import PartitionPositions
from tasker_log_sink.consuming.subscriber import subscribe
from tasker_log_sink.health_probe import KAFKA, LOOP, HealthProbe
from tasker_log_sink.progress_writer import ProgressWriter
from tasker_log_sink.settings import SinkSettings
from tasker_log_sink.store.collection_setup import prepare
from tasker_log_sink.store.projection_store import ProjectionStore
from tasker_runtime.clock import Clock
from tasker_runtime.dead_letters import DeadLetterProducer
from tasker_runtime.health import Health
from tasker_runtime.kafka.client import START_SECONDS, KafkaError, bounded, stop_bounded
from tasker_runtime.logs import Log
from tasker_runtime.mongo import Mongo, PyMongoError

RETRY_SECONDS = 1.0
LOOK_SECONDS = 1.0
T = TypeVar("T")


class LogSink:
    """One member of the log sink's group."""

    def __init__(
        self,
        settings: SinkSettings,
        mongo: Mongo,
        dead_letters: DeadLetterProducer,
        clock: Clock,
        health: Health,
        log: Log,
    ) -> None:
        self._settings, self._mongo, self._dead_letters = settings, mongo, dead_letters
        self._clock, self._health, self._log = clock, health, log
        self._history = GapDetector(health, log)
        health.expect(DATABASE)
        health.expect(KAFKA)
        health.expect(LOOP, every_ms=60_000)

    async def run(self, stopping: asyncio.Event) -> None:
        """Until told to stop: then the batch under way is finished, within the drain time, and the group is left."""
        work = asyncio.create_task(self._work())
        stop = asyncio.create_task(stopping.wait())
        await asyncio.wait({work, stop}, return_when=asyncio.FIRST_COMPLETED)
        stop.cancel()
        work.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await work  # an error that nobody foresaw ends the process, loudly

    async def _work(self) -> None:
        await self._insist(DATABASE, lambda: prepare(self._mongo))
        store = ProjectionStore(self._mongo, await self._insist(KAFKA, lambda: cluster_id(self._bootstrap)))
        await self._insist(DATABASE, store.open)
        await self._insist(DATABASE, lambda: self._compare(store))
        trail = ProgressWriter(store, self._clock, self._health, self._log)
        broker, watch, placement = await self._insist(KAFKA, lambda: self._joined(store, trail))
        try:
            async with asyncio.TaskGroup() as loops:
                loops.create_task(self._forever(lambda: trail.follow(LOOK_SECONDS)))
                loops.create_task(self._forever(lambda: placement.place(LOOK_SECONDS)))
                loops.create_task(self._forever(watch.look, LOOK_SECONDS))
        finally:
            await self._leave(broker, trail)

    async def _joined(
        self, store: ProjectionStore, trail: ProgressWriter
    ) -> tuple[KafkaBroker, HealthProbe, PartitionPositions]:
        """A new broker that has joined the group; one that could not is thrown away."""
        settings, topics = self._settings, self._settings.topics
        sources: dict[str, TopicName] = {topics[source]: source for source in SOURCES}
        limits = BatchLimits(settings.log_sink_batch_records, settings.log_sink_batch_bytes)
        moving = frozenset({topics["results"], topics["verdicts"]})
        placement = PartitionPositions(store, moving, self._clock, self._history, self._health, self._log)
        sink = BatchWriter(
            sources, limits, store, placement, trail, self._dead_letters, self._clock, self._health, self._log
        )
        logger = logging.getLogger("tasker.faststream")
        logger.setLevel(logging.ERROR)  # it warns at every start that it makes no topics
        broker = KafkaBroker(
            self._bootstrap,
            consumer_only=True,
            allow_auto_create_topics=False,
            request_timeout_ms=10_000,
            metadata_max_age_ms=10_000,
            graceful_timeout=settings.drain_seconds,
            logger=logger,
            apply_types=False,
        )
        subscriber = subscribe(broker, list(sources), settings.group("log-sink"), limits.records, placement, sink)
        watch = HealthProbe(subscriber, sink, placement, self._history, self._mongo, self._clock, self._health)
        try:
            await bounded(broker.start(), START_SECONDS, "joining the group")
        except BaseException:
            await stop_bounded(broker.stop(), "a subscriber that could not join")
            raise
        self._log.info("joined", topics=sorted(sources), cluster=store.cluster_id)
        return broker, watch, placement

    async def _leave(self, broker: KafkaBroker, trail: ProgressWriter) -> None:
        """Finish the batch under way and leave the group; what does not end in time is left to the process's end.

        In tasks of their own: a client awaits what it has cancelled, and that must not become our cancellation.
        """
        for ending, what in ((broker.stop(), "the subscriber"), (trail.finish(), "the moves")):
            task = asyncio.create_task(ending)
            await asyncio.wait({task}, timeout=self._settings.drain_seconds / 2)
            if not task.done() or task.cancelled() or task.exception():
                self._log.warning("left in a hurry", unfinished=what)

    async def _compare(self, store: ProjectionStore) -> None:
        if others := await store.other_clusters(self._settings.topics["results"]):
            self._history.other_cluster(store.cluster_id, others)

    async def _insist(self, check: str, step: Callable[[], Awaitable[T]]) -> T:
        """Do one step of the start, again and again while what it needs is away."""
        told = ""
        while True:
            self._health.ok(LOOP)
            try:
                return await step()
            except (TaskerError, KafkaError, PyMongoError) as error:
                self._health.fail(check, str(error)[:500])
                if told != (told := type(error).__name__):
                    self._log.error("cannot start yet", needs=check, reason=str(error)[:500])
                await asyncio.sleep(RETRY_SECONDS)

    @staticmethod
    async def _forever(step: Callable[[], Awaitable[Any]], pause: float = 0) -> None:
        while True:
            await step()
            await asyncio.sleep(pause)

    @property
    def _bootstrap(self) -> str:
        return self._settings.kafka_bootstrap_servers
