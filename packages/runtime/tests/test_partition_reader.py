"""Reading partitions outside of a consumer group, on a real Kafka."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tasker_core.kafka_record import Record
from tasker_core.topics import Topics
from tasker_devstack.polling import eventually
from tasker_runtime.kafka.client import KafkaError, KafkaTimeout, TopicPartition
from tasker_runtime.kafka.connection import KafkaConnection
from tasker_runtime.kafka.partition_reader import PartitionReader
from tasker_runtime.kafka.producer_setup import transactional_producer
from tasker_runtime.kafka.record_producer import RecordProducer


@pytest_asyncio.fixture(loop_scope="session")
async def reader(kafka: str) -> AsyncIterator[PartitionReader]:
    found = PartitionReader(KafkaConnection(kafka))
    await found.start()
    yield found
    await found.stop()


@pytest_asyncio.fixture(loop_scope="session")
async def partition(kafka: str, topics: str) -> TopicPartition:
    """A partition with the records 0 to 9."""
    producer, topic = RecordProducer(KafkaConnection(kafka)), Topics(topics)["results"]
    for number in range(10):
        await producer.send(topic, b"%d" % number, key=b"k", partition=3, headers=[("n", b"%d" % number)])
    await producer.stop()
    return TopicPartition(topic, 3)


async def read(reader: PartitionReader, count: int) -> list[Record]:
    found: list[Record] = []

    async def enough() -> bool:
        found.extend(await reader.poll(100))
        return len(found) >= count

    await eventually(enough, f"{count} records")
    return found


async def test_reads_from_the_beginning_with_everything_of_a_record(
    reader: PartitionReader, partition: TopicPartition
) -> None:
    reader.assign(partition)
    found = await read(reader, 10)
    assert [record.value for record in found] == [b"%d" % n for n in range(10)]
    assert [record.offset for record in found] == list(range(10))
    assert (found[7].topic, found[7].partition, found[7].key) == (partition.topic, 3, b"k")
    assert list(found[7].headers) == [("n", b"7")]
    assert found[0].timestamp <= found[9].timestamp
    assert await reader.position(partition) == 10


async def test_reads_on_from_an_offset_and_no_more_than_the_limit(
    reader: PartitionReader, partition: TopicPartition
) -> None:
    reader.assign(partition)
    reader.seek(partition, 4)
    found: list[Record] = []

    async def some() -> bool:
        batch = await reader.poll(100, limit=2)
        assert len(batch) <= 2
        found.extend(batch)
        return len(found) >= 6

    await eventually(some, "the records from 4 on")
    assert [record.offset for record in found] == [4, 5, 6, 7, 8, 9]


async def test_what_is_not_committed_is_neither_read_nor_counted(
    kafka: str, topics: str, reader: PartitionReader
) -> None:
    partition = TopicPartition(Topics(topics)["verdicts"], 0)
    producer = transactional_producer(
        KafkaConnection(kafka), f"{topics}-test", transaction_seconds=5, request_seconds=4
    )
    await producer.start()
    for abort in (True, False):
        await producer.begin_transaction()
        await producer.send_and_wait(partition.topic, b"aborted" if abort else b"kept", partition=0)
        before = await reader.bounds(partition)
        await (producer.abort_transaction() if abort else producer.commit_transaction())
        assert before == (0, 0 if abort else 2)
    await producer.stop()
    reader.assign(partition)
    assert [record.value for record in await read(reader, 1)] == [b"kept"]
    bounds = await reader.bounds(partition)
    assert [record.value async for record in reader.records_between(partition, *bounds)] == [b"kept"]


async def test_a_stretch_of_a_partition_is_read_up_to_its_end(
    reader: PartitionReader, partition: TopicPartition
) -> None:
    assert [r.offset async for r in reader.records_between(partition, 2, 6)] == [2, 3, 4, 5]
    assert [r.offset async for r in reader.records_between(partition, 6, 6)] == []
    assert [r.offset async for r in reader.records_between(partition, 8, 10)] == [8, 9]


async def test_the_last_record_is_found_behind_many_that_never_happened(
    kafka: str, topics: str, reader: PartitionReader, partition: TopicPartition
) -> None:
    last = await reader.last_record(partition)
    assert last is not None
    assert last.value == b"9"
    assert await reader.last_record(TopicPartition(partition.topic, 4)) is None
    producer = transactional_producer(
        KafkaConnection(kafka), f"{topics}-test", transaction_seconds=5, request_seconds=4
    )
    await producer.start()
    await producer.begin_transaction()
    for _ in range(100):  # more than its tail
        await producer.send(partition.topic, b"aborted", partition=partition.partition)
    await producer.flush()
    await producer.abort_transaction()
    await producer.stop()

    async def ended() -> bool:
        return (await reader.bounds(partition))[1] > 110

    await eventually(ended, "the end of the transaction")
    assert await reader.last_record(partition) == last


async def test_a_position_that_stands_still_is_no_end(
    reader: PartitionReader, partition: TopicPartition, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tasker_runtime.kafka.partition_reader.STALL_SECONDS", 0.1)
    with pytest.raises(KafkaTimeout, match="from offset 10 towards 11"):
        assert [r.offset async for r in reader.records_between(partition, 8, 11)] == []


async def test_without_kafka_the_start_fails_within_its_bound() -> None:
    reader = PartitionReader(KafkaConnection("127.0.0.1:1"))
    with pytest.raises((KafkaError, KafkaTimeout)):
        await reader.start()
    await reader.stop()
