"""Who owns which partition: the consumer group gives membership only; owners live on through a rebalance."""

import asyncio

from tasker_core.errors import TaskerError
from tasker_core.loss_note import LossNote, with_note
from tasker_runtime.health import Health
from tasker_runtime.kafka.client import KafkaError, TopicPartition
from tasker_runtime.kafka.connection import KafkaConnection
from tasker_runtime.kafka.group.group_consumer import GroupConsumer
from tasker_runtime.kafka.group.predecessor import remove_predecessor
from tasker_runtime.kafka.lost_records import LossNotes
from tasker_runtime.logs import Log

POLL_MS = 200  # so long a graceful stop may take to leave the group
RETRY_SECONDS = 1.0
POLL_SECONDS = PROOF_SECONDS = 5.0
WAITING = "waiting for the group to assign partitions"
SILENT_MS = 120_000  # longer than all bounds of a round together, those of connecting included
MEMBERSHIP, GROUP = "membership", "group"
"""The checks of the two loops: the one polls, the other asks the group's coordinator. Neither speaks for the other."""


class Assignment:
    """The partitions that are this member's now. `changed` is set with each change."""

    def __init__(self) -> None:
        self.partitions: frozenset[int] = frozenset()
        self.changed = asyncio.Event()

    def set(self, partitions: frozenset[int]) -> None:
        """Take over what the group has assigned."""
        self.partitions = partitions
        self.changed.set()


class Membership:
    """A member of the ticker's group, which keeps its `assignment` up to date."""

    def __init__(
        self,
        kafka: KafkaConnection,
        group: str,
        topic: str,
        notes: LossNotes,
        health: Health,
        log: Log,
        consumer: type[GroupConsumer] = GroupConsumer,
    ) -> None:
        self._kafka, self._group, self._topic, self._notes = kafka, group, topic, notes
        self._noted = dict[TopicPartition, LossNote | None]()
        self._health, self._log, self._new_consumer = health, log, consumer
        self._consumer: GroupConsumer | None = None
        self._unassigned_since: float | None = 0.0
        self.assignment = Assignment()
        health.expect(MEMBERSHIP, every_ms=SILENT_MS)
        health.expect(GROUP, every_ms=SILENT_MS)

    async def prove(self, partition: int) -> None:
        """Ask the group for a fresh answer that the partition is this member's, by a commit whose offset means nothing.

        Raises KafkaError or KafkaTimeout when it is not, or when nobody answers.
        """
        if self._consumer is None:
            raise KafkaError("not a member of the group")
        await self._commit(self._consumer, TopicPartition(self._topic, partition))

    async def _commit(self, consumer: GroupConsumer, partition: TopicPartition) -> None:
        """Commit what is noted of a partition, by this member or the one before it."""
        if partition not in self._noted:
            for _, metadata in (await consumer.committed([partition])).values():
                self._notes.restore(partition, metadata)
        note = self._notes.of(partition)
        await consumer.commit({partition: (0, with_note("", note))})
        self._noted[partition] = note

    async def _commit_notes(self, consumer: GroupConsumer) -> None:
        for number in self.assignment.partitions:
            partition = TopicPartition(self._topic, number)
            note = self._notes.of(partition)
            if note is not None and self._noted.get(partition) != note:
                await self._commit(consumer, partition)

    async def run(self, stopping: asyncio.Event) -> None:
        """Be a member until `stopping` is set; while Kafka is away, try again and again."""
        await remove_predecessor(self._kafka, self._group, self._log)
        while not stopping.is_set():
            self._note_unassigned()
            self._consumer = consumer = self._new_consumer(
                self._kafka, self._group, [self._topic], assigned=self._assigned, revoked=self._revoked
            )
            asking: asyncio.Task[None] | None = None
            try:
                await consumer.start()
                asking = asyncio.create_task(self._ask_group(consumer))
                while not stopping.is_set() and not asking.done():
                    await self._poll(consumer)
                if asking.done():
                    asking.result()  # an error that nobody foresaw ends the process, loudly
            except (TaskerError, KafkaError) as error:
                for check in (MEMBERSHIP, GROUP):
                    self._health.fail(check, f"cannot reach Kafka at {self._kafka}: {error}")
                self._log.error("membership lost", reason=str(error), kafka=str(self._kafka))
                await asyncio.sleep(RETRY_SECONDS)
            finally:
                self._consumer = None
                if asking is not None:
                    asking.cancel()
                    await asyncio.wait({asking})
                await consumer.stop()

    async def _poll(self, consumer: GroupConsumer) -> None:
        """Keep the membership. Within a bound: a rebalance holds a poll up for as long as the coordinator is away."""
        try:
            async with asyncio.timeout(POLL_SECONDS):
                await consumer.poll(POLL_MS)
        except TimeoutError:
            self._health.fail(MEMBERSHIP, WAITING)
            return
        if self._unassigned_since is None:
            self._health.ok(MEMBERSHIP)
        elif _now() - self._unassigned_since > POLL_SECONDS:
            self._health.fail(MEMBERSHIP, WAITING)
        else:
            self._health.beat(MEMBERSHIP)  # a rebalance

    async def _ask_group(self, consumer: GroupConsumer) -> None:
        """Ask again and again whether the group answers: a member without partitions hears nothing of Kafka."""
        while True:
            try:
                await consumer.ping(PROOF_SECONDS)
                await self._commit_notes(consumer)
            except (TaskerError, KafkaError) as error:
                self._health.fail(GROUP, f"the group does not answer: {error}")
            else:
                self._health.ok(GROUP)
            await asyncio.sleep(PROOF_SECONDS)

    def _note_unassigned(self) -> None:
        if self._unassigned_since is None:
            self._unassigned_since = _now()

    async def _assigned(self, partitions: frozenset[TopicPartition]) -> None:
        if self._consumer is not None:
            self._consumer.pause(partitions)  # events are read by the owners, not by the group
        self._unassigned_since = None
        self._noted.clear()
        self.assignment.set(frozenset(tp.partition for tp in partitions))

    async def _revoked(self, _partitions: frozenset[TopicPartition]) -> None:
        """Only note it: what stays this member's runs on, and fencing protects what does not."""
        self._note_unassigned()


def _now() -> float:
    return asyncio.get_running_loop().time()
