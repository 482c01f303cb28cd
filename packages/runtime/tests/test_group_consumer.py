"""A member of a consumer group, on a real Kafka."""

import asyncio
import contextlib
import sys

import pytest

from tasker_core.kafka_record import Record
from tasker_core.topics import Topics
from tasker_devstack.polling import eventually
from tasker_devstack.processes.child_process import ChildProcess
from tasker_runtime.kafka.client import KafkaError, KafkaTimeout, TopicPartition
from tasker_runtime.kafka.connection import KafkaConnection
from tasker_runtime.kafka.group.group_consumer import GroupConsumer, PartitionProgress
from tasker_runtime.kafka.producer_setup import transactional_producer
from tasker_runtime.kafka.record_producer import RecordProducer


class Member:
    """A consumer with what its callbacks were given, polled in the background."""

    def __init__(self, kafka: str, topics: str) -> None:
        self.topic = Topics(topics)["due-tasks"]
        self.assigned = self.last_assigned = frozenset[TopicPartition]()
        self.consumer = GroupConsumer(
            KafkaConnection(kafka), f"{topics}-g", [self.topic], assigned=self._on_assigned, revoked=self._on_revoked
        )
        self.records: list[Record] = []
        self.paused: frozenset[TopicPartition] | None = None
        self._polls = self.joined = 0
        self._polling: asyncio.Task[None] | None = None

    async def __aenter__(self) -> "Member":
        await self.consumer.start()
        self._polling = asyncio.create_task(self._poll())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._polling is not None:
            self._polling.cancel()
            await asyncio.wait({self._polling})
        await self.consumer.stop()

    async def owns(self, count: int) -> bool:
        return len(self.assigned) == count

    async def leave_out(self, partition: TopicPartition) -> None:
        """Poll a partition no more; on return no poll of it is under way."""
        self.paused, polls = frozenset({partition}), self._polls

        async def polled() -> bool:
            return self._polls > polls

        await eventually(polled, "the end of the poll that was under way")

    async def _poll(self) -> None:
        while True:
            left_out = self.paused or frozenset()
            self.records += await self.consumer.poll(50, partitions=self.assigned - left_out if left_out else None)
            self._polls += 1

    async def _on_assigned(self, partitions: frozenset[TopicPartition]) -> None:
        self.assigned = self.last_assigned = partitions
        self.joined += 1

    async def _on_revoked(self, partitions: frozenset[TopicPartition]) -> None:
        self.assigned -= partitions


async def test_members_share_the_partitions_and_one_that_leaves_hands_them_over_at_once(
    kafka: str, topics: str
) -> None:
    async with Member(kafka, topics) as first:
        await eventually(lambda: first.owns(12), "all partitions")
        async with Member(kafka, topics) as second:
            await eventually(lambda: second.owns(6), "half of them")
            await eventually(lambda: first.owns(6), "the other half")
            assert first.assigned.isdisjoint(second.assigned)
        # Sooner than a session of 6 s could end.
        await eventually(lambda: first.owns(12), "all again", 5)


async def test_commits_bear_metadata_and_only_committed_partitions_are_answered(kafka: str, topics: str) -> None:
    async with Member(kafka, topics) as member:
        await eventually(lambda: member.owns(12), "all partitions")
        one, other = TopicPartition(member.topic, 1), TopicPartition(member.topic, 2)
        await member.consumer.commit({one: (17, "writer 3:1,2")})
        assert await member.consumer.committed([one, other]) == {one: (17, "writer 3:1,2")}
        await member.consumer.commit({one: (18, "x" * 4096)})
        with pytest.raises(KafkaError):
            await member.consumer.commit({one: (19, "x" * 4097)})
        assert (await member.consumer.committed([one]))[one][0] == 18


async def test_a_partition_that_is_left_out_of_a_poll_keeps_its_records(kafka: str, topics: str) -> None:
    producer = RecordProducer(KafkaConnection(kafka))
    async with Member(kafka, topics) as member:
        await eventually(lambda: member.owns(12), "all partitions")
        await member.leave_out(TopicPartition(member.topic, 1))
        for partition in (1, 2):
            await producer.send(member.topic, b"%d" % partition, partition=partition)

        async def values() -> set[bytes | None]:
            return {record.value for record in member.records}

        async def second_only() -> bool:
            return await values() == {b"2"}

        await eventually(second_only, "the record of the partition that is polled")
        member.paused = None

        async def both() -> bool:
            return await values() == {b"1", b"2"}

        await eventually(both, "the record that was left out")
    await producer.stop()


async def test_reads_on_where_it_is_told_to(kafka: str, topics: str) -> None:
    producer = RecordProducer(KafkaConnection(kafka))
    topic = Topics(topics)["due-tasks"]
    for number in range(5):
        await producer.send(topic, b"%d" % number, partition=0)
    await producer.stop()
    async with Member(kafka, topics) as member:

        async def read(count: int) -> bool:
            return len(member.records) >= count

        await eventually(lambda: read(5), "all records")
        member.consumer.seek(TopicPartition(topic, 0), 3)
        await eventually(lambda: read(7), "the last two once more")
        assert [record.offset for record in member.records] == [0, 1, 2, 3, 4, 3, 4]


async def test_markers_of_transactions_behind_the_last_record_are_no_lag(kafka: str, topics: str) -> None:
    topic = Topics(topics)["due-tasks"]
    partition = TopicPartition(topic, 4)
    producer = transactional_producer(KafkaConnection(kafka), f"{topics}-t", transaction_seconds=5, request_seconds=5)
    await producer.start()
    try:
        async with producer.transaction():
            await producer.send_and_wait(topic, b"1", partition=partition.partition)
    finally:
        await producer.stop()
    async with Member(kafka, topics) as member:
        await eventually(lambda: member.owns(12), "all partitions")

        async def read_to_the_end() -> bool:
            return await member.consumer.progress([partition]) == {partition: PartitionProgress(2, 2)}

        await eventually(read_to_the_end, "the record and the marker")
        assert [record.offset for record in member.records] == [0]
        await member.leave_out(partition)
        plain = RecordProducer(KafkaConnection(kafka))
        await plain.send(topic, b"2", partition=partition.partition)
        await plain.stop()
        assert await member.consumer.progress([partition]) == {partition: PartitionProgress(2, 3)}


MEMBER_THAT_DIES = """
import asyncio, sys
from tasker_runtime.kafka.connection import KafkaConnection
from tasker_runtime.kafka.group.group_consumer import GroupConsumer

async def main():
    async def ignored(_): ...
    kafka, group, topic = sys.argv[1:]
    consumer = GroupConsumer(KafkaConnection(kafka), group, [topic], assigned=ignored, revoked=ignored)
    await consumer.start()
    while True:
        await consumer.poll(50)

asyncio.run(main())
"""


async def test_commits_in_a_rebalance_do_not_throw_the_member_out_again(kafka: str, topics: str) -> None:
    """While a group waits for a dead member, its coordinator answers nothing else that comes on the same connection.

    Commits that are sent meanwhile are judged when the rebalance is over, by the generation before it; aiokafka then
    takes the new membership for lost, and the group waits for one more dead member, and so on.
    """
    async with Member(kafka, topics) as first:
        await eventually(lambda: first.owns(12), "all partitions")
        program = [sys.executable, "-c", MEMBER_THAT_DIES, kafka, f"{topics}-g", first.topic]
        dying = ChildProcess("a member that dies", program)
        await dying.start()
        try:
            await eventually(lambda: first.owns(6), "the half that is left")
        finally:
            await dying.kill()

        async def commit() -> None:
            while True:
                with contextlib.suppress(KafkaError, KafkaTimeout):
                    await first.consumer.commit(dict.fromkeys(first.last_assigned, (0, "")), seconds=1)
                await asyncio.sleep(0.05)

        committing = {asyncio.create_task(commit()) for _ in range(6)}
        try:
            async with Member(kafka, topics) as second:
                # After the session of the dead one, 6 s, and sooner than that of one more could end.
                await eventually(lambda: second.owns(6), "half of them", 10)
                await eventually(lambda: first.owns(6), "the other half", 2)
                joined = first.joined
                await first.consumer.commit(dict.fromkeys(first.assigned, (1, "")))
                assert first.joined == joined
        finally:
            for task in committing:
                task.cancel()
            await asyncio.wait(committing)
