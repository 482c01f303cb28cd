"""The group's offsets in Kafka follow the applied ones, and nothing depends on them."""

import sys
from collections.abc import Iterable

import structlog

from tasker_core.loss_note import note_in
from tasker_core.topics import PARTITIONS, Topics, partition_of
from tasker_devstack.polling import eventually
from tasker_devstack.processes.child_process import ChildProcess
from tasker_log_sink.consuming.group_offsets import GroupOffsets
from tasker_log_sink.store.partition_offsets import StoredPosition
from tasker_log_sink.testing.members import RESULTS, SingleMember
from tasker_log_sink.testing.messages import finished
from tasker_runtime.kafka.admin_client import admin_client
from tasker_runtime.kafka.client import KafkaError, TopicPartition
from tasker_runtime.kafka.connection import KafkaConnection
from tasker_runtime.kafka.record_producer import RecordProducer


def offsets(member: SingleMember) -> GroupOffsets:
    return GroupOffsets(member.positions, member.gaps.notes, structlog.get_logger(), member_before)


async def member_before(_: object, partitions: Iterable[TopicPartition]) -> dict[TopicPartition, tuple[int, str]]:
    """What the member before this one has committed: nothing of lost records."""
    return dict.fromkeys(partitions, (3, ""))


async def member_at(offset: int) -> SingleMember:
    member = SingleMember()
    member.store.positions = {RESULTS: StoredPosition(offset, offset)}
    await member.join()
    return member


async def test_what_is_applied_is_committed_once() -> None:
    member = await member_at(7)
    group = offsets(member)
    await group.commit()
    await group.commit()
    assert member.consumer.commits == [{RESULTS: (7, "")}]


async def test_nothing_is_committed_of_a_partition_without_a_position() -> None:
    member = await member_at(7)
    await member.subscriber.rebalance(RESULTS)
    await offsets(member).commit()
    assert member.consumer.commits == []


async def test_a_commit_that_fails_is_made_good_by_the_next_one() -> None:
    member = await member_at(7)
    group = offsets(member)
    member.consumer.errors = [KafkaError("rebalance")]
    await group.commit()
    assert member.consumer.commits == []
    await group.commit()
    assert member.consumer.commits == [{RESULTS: (7, "")}]


async def test_lost_records_are_noted_until_a_rebuild_that_began_later_and_by_the_next_member_too() -> None:
    member = await member_at(7)
    group = offsets(member)
    await group.commit()
    assert member.gaps.check_end(RESULTS, 7, 2)
    await group.commit()
    offset, metadata = member.consumer.commits[-1][RESULTS]
    note = note_in(metadata)
    assert (offset, note and note.records) == (7, 5)
    assert note is not None
    next_member = await member_at(7)

    async def noted(_: object, partitions: Iterable[TopicPartition]) -> dict[TopicPartition, tuple[int, str]]:
        return dict.fromkeys(partitions, (7, metadata))

    following = GroupOffsets(next_member.positions, next_member.gaps.notes, structlog.get_logger(), noted)
    await following.commit()
    assert next_member.consumer.commits == [{RESULTS: (7, metadata)}]
    assert next_member.gaps.found_ms == note.since_ms
    next_member.gaps.resolve(note.since_ms)
    await following.commit()
    assert next_member.consumer.commits[-1] == {RESULTS: (7, "")}


async def test_the_groups_lag_in_kafka_falls_to_nothing(kafka: str, topics: str, database: str) -> None:
    names, producer = Topics(topics), RecordProducer(KafkaConnection(kafka))
    for number in range(50):
        home = partition_of(f"t{number}", PARTITIONS)
        await producer.send(names["results"], finished(f"r{number}", f"t{number}", 3, number), partition=home)
    await producer.stop()
    settings = {"KAFKA_BOOTSTRAP_SERVERS": kafka, "MONGODB_URL": database, "TASKER_TOPIC_PREFIX": topics}
    child = ChildProcess("log-sink", [sys.executable, "-m", "tasker_log_sink.main"], settings, print)
    await child.start()
    try:
        async with admin_client(KafkaConnection(kafka)) as admin:

            async def committed() -> bool:
                try:
                    offsets = await admin.list_consumer_group_offsets(f"{topics}-log-sink")
                except KafkaError:  # no coordinator before the first member has joined
                    return False
                results = [one.offset for partition, one in offsets.items() if partition.topic == names["results"]]
                assert sum(results) <= 50
                return sum(results) == 50

            await eventually(committed, "the offsets of 50 results", 60)
    finally:
        await child.stop()
