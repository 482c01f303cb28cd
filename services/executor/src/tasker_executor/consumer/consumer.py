"""The member of the group: polls both lanes, stops reading full partitions, and follows rebalances.

A full partition is left out of the polls: what was fetched of it already is kept, nothing more is fetched, and the
membership goes on. An eager rebalance resets the positions, so after each one every partition is positioned anew.
"""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress

from tasker_core.errors import TaskerError
from tasker_core.kafka_record import Record
from tasker_executor import metrics
from tasker_executor.consumer.commits import OffsetCommitter
from tasker_executor.consumer.lag_probe import DueLagProbe
from tasker_executor.consumer.lost_run_probe import LostRunProbe
from tasker_executor.partition.offsets import OffsetProgress, OffsetTracker, decode_commit, writer_of
from tasker_executor.partition.partition import POLL_RECORDS, LanePartition
from tasker_executor.partition.priority_lanes import Lane
from tasker_executor.scheduling.runner import Runner
from tasker_runtime.clock import Clock, is_set_within
from tasker_runtime.health import Health
from tasker_runtime.kafka.client import KafkaError, TopicPartition
from tasker_runtime.kafka.group.group_consumer import Assigned, GroupConsumer
from tasker_runtime.logs import Log

WAIT_MS = 250
FULL_WAIT_MS = 20
POLL_SECONDS = 5.0
LAST_COMMIT_SECONDS = 1.0
RETRY_SECONDS = 1.0
CHECK = "consumer"


class DueConsumer:
    """Reads for a runner. `join` makes a member of the group, `lanes` are the topics."""

    def __init__(
        self,
        join: Callable[[Assigned, Assigned], GroupConsumer],
        lanes: Mapping[str, Lane],
        committer: OffsetCommitter,
        runner: Runner,
        clock: Clock,
        health: Health,
        log: Log,
    ) -> None:
        self._join, self._lanes, self._committer, self._runner = join, lanes, committer, runner
        self._clock, self._health, self._log = clock, health, log
        self.lag_probe, self._lost_runs = DueLagProbe(lanes), LostRunProbe(committer.notes, health, log)
        self._consumer: GroupConsumer | None = None
        self._partitions: dict[TopicPartition, LanePartition] = {}
        self._assignment: frozenset[TopicPartition] | None = None
        self._assignment_changed, self._positioned = asyncio.Event(), asyncio.Event()
        health.expect(CHECK, every_ms=120_000)

    async def run(self, stopping: asyncio.Event, drained: asyncio.Event) -> None:
        """Read until `stopping`; once `drained`, commit and leave. While Kafka is away, try again and again."""
        while not drained.is_set():
            self._consumer = consumer = self._join(self._assigned, self._revoked)
            committing = asyncio.create_task(self._committer.run(consumer, self._partitions, self._positioned))
            probing = asyncio.create_task(self.lag_probe.run(consumer, self._partitions, self._positioned))
            comparing = asyncio.create_task(self._lost_runs.run(consumer, self._partitions))
            beside = (committing, probing, comparing)
            try:
                await consumer.start()
                while not drained.is_set() and not any(task.done() for task in beside):
                    await self._step(consumer, stopping, drained)
                committing.cancel()
                await self._committer.commit(consumer, self._partitions, everything=True, seconds=LAST_COMMIT_SECONDS)
            except (TaskerError, KafkaError) as error:
                self._health.fail(CHECK, f"can't read from Kafka: {error}")
                self._log.error("membership lost", reason=f"{type(error).__name__}: {error}")
                await asyncio.sleep(RETRY_SECONDS)
            finally:
                self._suspend()
                for task in beside:
                    task.cancel()
                await asyncio.wait(beside)
                await consumer.stop()
            for task in beside:
                if not task.cancelled():
                    task.result()  # an unexpected error

    def wait_for(self, what: str) -> None:
        """Report that this does not run yet, but lives."""
        self._health.fail(CHECK, f"waiting for {what}")

    def abandon(self) -> None:
        """Leave unfinished runs to the next owners, and start nothing more."""
        for partition in self._partitions.values():
            partition.abandon()

    async def _step(self, consumer: GroupConsumer, stopping: asyncio.Event, drained: asyncio.Event) -> None:
        if not self._positioned.is_set():
            await self._position(consumer)
        elif stopping.is_set():
            await self._poll_nothing(consumer)
            self._health.beat(CHECK)
            await is_set_within(drained, WAIT_MS / 1000)
        else:
            await self._read(consumer)

    async def _poll_nothing(self, consumer: GroupConsumer) -> None:
        """Read nothing, but stay a member: who does not poll for five minutes leaves the group, and does not join it
        again before it polls. Within a bound, as a rebalance holds a poll up for as long as it goes on."""
        with suppress(TimeoutError):
            async with asyncio.timeout(WAIT_MS / 1000):
                await consumer.poll(0, 1, ())

    async def _read(self, consumer: GroupConsumer) -> None:
        records = await self._poll(consumer)
        now = self._clock.now_ms()
        for record in records if self._positioned.is_set() else ():
            partition = self._partitions.get(TopicPartition(record.topic, record.partition))
            if partition is not None:
                self._runner.accept(partition, record, now)
        self._health.ok(CHECK)
        await asyncio.sleep(0)  # a poll that finds something does not let others run

    async def _poll(self, consumer: GroupConsumer) -> list[Record]:
        """The records of the live lane; only if there are none, those that come in either lane."""
        may_read = self._runner.take_more()
        live = self._with_capacity("live") if may_read else []
        background = self._with_capacity("background") if may_read else []
        wait_ms = WAIT_MS if len(live) + len(background) == len(self._partitions) else FULL_WAIT_MS
        try:
            async with asyncio.timeout(POLL_SECONDS):  # a rebalance that begins meanwhile would block it
                records = await consumer.poll(0, POLL_RECORDS, live) if live else []
                if not records:
                    return await consumer.poll(wait_ms, POLL_RECORDS, live + background)
                if not background:
                    return records
                return records + await consumer.poll(0, max(1, POLL_RECORDS // 8), background)
        except TimeoutError:
            return []

    def _with_capacity(self, lane: Lane) -> list[TopicPartition]:
        return [name for name, one in self._partitions.items() if one.lane == lane and one.has_capacity]

    async def _position(self, consumer: GroupConsumer) -> None:
        """After a rebalance, read each partition on from its position. A partition that is still ours, and was nobody
        else's meanwhile, keeps its runs; one that somebody else has had starts anew from its commit. Without one
        it is read from where it begins: a poll may have moved on in it, whose records were dropped in the rebalance."""
        assignment = self._assignment
        if assignment is None:
            self._health.fail(CHECK, "waiting for the group to assign partitions")
            self._assignment_changed.clear()
            await self._poll_nothing(consumer)
            await is_set_within(self._assignment_changed, WAIT_MS / 1000)
            return
        commits = await consumer.committed(assignment)
        begins = await consumer.kept([name for name in assignment if name not in commits])
        if self._assignment is not assignment:
            return
        for name in assignment:
            offset, metadata = commits.get(name, (None, ""))
            self._committer.notes.restore(name, metadata)
            partition = self._partitions.get(name)
            if partition is not None and offset is not None and writer_of(metadata) != self._committer.writer:
                self._abandon(name)
                partition = None
            if partition is None:
                start = OffsetProgress(begins[name].first) if offset is None else decode_commit(offset, metadata)
                partition = LanePartition(self._lanes[name.topic], OffsetTracker(start))
                self._partitions[name] = partition
            if (resume_at := partition.offsets.resume_at) is not None:
                consumer.seek(name, resume_at)
                self._lost_runs.begin(name, resume_at)
        self._positioned.set()
        self._runner.resume()
        self._log.info("partitions", ours=sorted({name.partition for name in assignment}))

    async def _assigned(self, assignment: frozenset[TopicPartition]) -> None:
        for name in self._partitions.keys() - assignment:
            self._abandon(name)
        self._assignment = assignment
        self._assignment_changed.set()

    async def _revoked(self, _: frozenset[TopicPartition]) -> None:
        positioned = self._positioned.is_set()
        self._suspend()
        if self._consumer is None or not positioned:
            return
        try:
            await self._committer.commit(self._consumer, self._partitions, seconds=LAST_COMMIT_SECONDS)
        except (TaskerError, KafkaError) as error:
            self._log.info("not committed at revocation", reason=f"{type(error).__name__}: {error}")

    def _suspend(self) -> None:
        """Start nothing: it is not known which partitions are ours."""
        self._assignment = None
        self._positioned.clear()
        self._runner.pause()

    def _abandon(self, name: TopicPartition) -> None:
        partition = self._partitions.pop(name)
        stopped = partition.abandon()
        self._runner.forget(partition)
        metrics.ABANDONED.inc(stopped)
        if stopped:
            self._log.info("left to the next owner", partition=name.partition, runs=stopped)
