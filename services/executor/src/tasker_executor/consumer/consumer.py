"""The member of the group: reads both lanes, holds back when full, and follows its partitions through rebalances.

A full partition is left out of the polls: what was fetched of it already is kept, nothing more is fetched, and the
membership goes on. An eager rebalance resets the positions, so after each one every partition is told where to go on.
"""

import asyncio
from collections.abc import Callable, Mapping

from tasker_core.errors import TaskerError
from tasker_core.record import Record
from tasker_executor import metrics
from tasker_executor.consumer.commits import Commits
from tasker_executor.partition.lanes import Lane
from tasker_executor.partition.offsets import Offsets, stored, writer_of
from tasker_executor.partition.partition import READ_AT_ONCE, Feed
from tasker_executor.scheduling.runner import Runner
from tasker_runtime.clock import Clock
from tasker_runtime.health import Health
from tasker_runtime.kafka.client import KafkaError, TopicPartition
from tasker_runtime.kafka.group_consumer import Assigned, GroupConsumer
from tasker_runtime.logs import Log

WAIT_MS = 250
FULL_WAIT_MS = 20
POLL_SECONDS = 5.0
REVOKED_SECONDS = 1.0
RETRY_SECONDS = 1.0
CHECK = "intake"


class Intake:
    """Reads for a runner. `member` makes a member of the group, `lanes` are the topics."""

    def __init__(
        self,
        member: Callable[[Assigned, Assigned], GroupConsumer],
        lanes: Mapping[str, Lane],
        commits: Commits,
        runner: Runner,
        clock: Clock,
        health: Health,
        log: Log,
    ) -> None:
        self._member, self._lanes, self._commits, self._runner = member, lanes, commits, runner
        self._clock, self._health, self._log = clock, health, log
        self._reader: GroupConsumer | None = None
        self._feeds: dict[TopicPartition, Feed] = {}
        self._ours: frozenset[TopicPartition] | None = None
        self._changed, self._settled = asyncio.Event(), asyncio.Event()
        health.expect(CHECK, every_ms=120_000)

    async def run(self, stopping: asyncio.Event, drained: asyncio.Event) -> None:
        """Read until told to stop; once drained, commit and leave. While Kafka is away, try again and again."""
        while not drained.is_set():
            self._reader = reader = self._member(self._assigned, self._revoked)
            saving = asyncio.create_task(self._commits.run(reader, self._feeds, self._settled))
            try:
                await reader.start()
                while not drained.is_set() and not saving.done():
                    await self._turn(reader, stopping, drained)
                saving.cancel()
                await self._commits.save(reader, self._feeds, everything=True, seconds=REVOKED_SECONDS)
            except (TaskerError, KafkaError) as error:
                self._health.fail(CHECK, f"can't read from Kafka: {error}")
                self._log.error("membership lost", reason=f"{type(error).__name__}: {error}")
                await asyncio.sleep(RETRY_SECONDS)
            finally:
                self._unsettle()
                saving.cancel()
                await asyncio.wait({saving})
                await reader.stop()
            if not saving.cancelled():
                saving.result()  # an error that nobody foresaw

    def abandon(self) -> None:
        """Leave what is under way to the next owners, and start nothing more."""
        for feed in self._feeds.values():
            feed.leave()

    async def _turn(self, reader: GroupConsumer, stopping: asyncio.Event, drained: asyncio.Event) -> None:
        if not self._settled.is_set():
            await self._settle(reader)
        elif stopping.is_set():
            await _within(WAIT_MS, drained)
        else:
            await self._take(reader)

    async def _take(self, reader: GroupConsumer) -> None:
        records = await self._poll(reader)
        now = self._clock.now_ms()
        for record in records if self._settled.is_set() else ():
            feed = self._feeds.get(TopicPartition(record.topic, record.partition))
            if feed is not None:
                self._runner.accept(feed, record, now)
        self._health.ok(CHECK)
        await asyncio.sleep(0)  # a poll that finds something does not let others run

    async def _poll(self, reader: GroupConsumer) -> list[Record]:
        """What there is in the live lane; only if there is nothing, what comes in either."""
        live = [p for p, feed in self._feeds.items() if feed.lane == "live" and feed.hungry]
        other = [p for p, feed in self._feeds.items() if feed.lane == "background" and feed.hungry]
        wait = WAIT_MS if len(live) + len(other) == len(self._feeds) else FULL_WAIT_MS
        try:
            async with asyncio.timeout(POLL_SECONDS):  # a rebalance that begins meanwhile would hold it up
                records = await reader.poll(0, READ_AT_ONCE, live) if live else []
                if not records:
                    return await reader.poll(wait, READ_AT_ONCE, live + other)
                return records + await reader.poll(0, max(1, READ_AT_ONCE // 8), other) if other else records
        except TimeoutError:
            return []

    async def _settle(self, reader: GroupConsumer) -> None:
        """After a rebalance: go on where each partition stands. What is ours still, and nobody else's meanwhile,
        keeps what is under way; what somebody else has had is begun anew from its commit."""
        ours = self._ours
        if ours is None:
            self._health.fail(CHECK, "waiting for the group to share out its partitions")
            self._changed.clear()
            await _within(WAIT_MS, self._changed)
            return
        commits = await reader.committed(ours)
        if self._ours is not ours:
            return
        for partition in ours:
            offset, metadata = commits.get(partition, (None, ""))
            feed = self._feeds.get(partition)
            if feed is not None and offset is not None and writer_of(metadata) != self._commits.writer:
                self._leave(partition)
                feed = None
            if feed is None:
                start = None if offset is None else stored(offset, metadata)
                feed = self._feeds[partition] = Feed(self._lanes[partition.topic], Offsets(start))
            if (resume_at := feed.offsets.resume_at) is not None:
                reader.seek(partition, resume_at)
        self._settled.set()
        self._runner.go()
        self._log.info("partitions", ours=sorted({partition.partition for partition in ours}))

    async def _assigned(self, partitions: frozenset[TopicPartition]) -> None:
        for partition in self._feeds.keys() - partitions:
            self._leave(partition)
        self._ours = partitions
        self._changed.set()

    async def _revoked(self, _: frozenset[TopicPartition]) -> None:
        settled = self._settled.is_set()
        self._unsettle()
        if self._reader is None or not settled:
            return
        try:
            await self._commits.save(self._reader, self._feeds, seconds=REVOKED_SECONDS)
        except (TaskerError, KafkaError) as error:
            self._log.info("not committed at revocation", reason=f"{type(error).__name__}: {error}")

    def _unsettle(self) -> None:
        self._ours = None
        self._settled.clear()
        self._runner.slots.hold()

    def _leave(self, partition: TopicPartition) -> None:
        feed = self._feeds.pop(partition)
        stopped = feed.leave()
        self._runner.forget(feed)
        metrics.ABANDONED.inc(stopped)
        if stopped:
            self._log.info("left to the next owner", partition=partition.partition, runs=stopped)


async def _within(milliseconds: int, event: asyncio.Event) -> None:
    """Wait for an event, but no longer than that."""
    try:
        async with asyncio.timeout(milliseconds / 1000):
            await event.wait()
    except TimeoutError:
        return
