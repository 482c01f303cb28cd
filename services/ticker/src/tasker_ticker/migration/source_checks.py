"""Whether all that was emitted is carried out and logged, and nobody writes any more."""

from collections.abc import Mapping, Sequence
from typing import Any

from tasker_core.errors import TaskerError
from tasker_core.messages.announcements import decode_announcement
from tasker_core.topics import TopicName, Topics
from tasker_runtime.kafka.admin_client import describe_group
from tasker_runtime.kafka.client import START_SECONDS, TopicPartition, bounded
from tasker_runtime.kafka.partition_reader import PartitionReader

LANES: Sequence[TopicName] = ("due-tasks", "due-background")


class NotReady(TaskerError):
    """The topics can't be moved yet; the text says what to wait for."""


async def partitions_of(admin: Any, topics: Topics, name: TopicName) -> list[TopicPartition]:
    """The partitions of a topic. Raises NotReady when it is not there, KafkaError, KafkaTimeout."""
    described = await bounded(admin.describe_topics([topics[name]]), START_SECONDS, "describing topics")
    count = len(described[0]["partitions"])
    if not count:
        raise NotReady(
            f"there is no topic {topics[name]}: is TASKER_TOPIC_PREFIX that of the installation to be moved?"
        )
    return [TopicPartition(topics[name], number) for number in range(count)]


async def check_no_ticker(admin: Any, group: str) -> None:
    """Raises NotReady when the group of tickers has members, KafkaError, KafkaTimeout."""
    if members := len((await describe_group(admin, group)).members):
        raise NotReady(f"{members} tickers are still there (group {group}): stop them, and wait some seconds")


async def check_consumed(
    admin: Any, reader: PartitionReader, topics: Topics, group: str, names: Sequence[TopicName], whose: str
) -> None:
    """Raises NotReady when a group has not committed what is in some topics, KafkaError, KafkaTimeout."""
    committed: Mapping[TopicPartition, Any] = await bounded(
        admin.list_consumer_group_offsets(group), START_SECONDS, "reading committed offsets"
    )
    for name in names:
        for partition in await partitions_of(admin, topics, name):
            first, end = await reader.bounds(partition)
            at = committed.get(partition)
            start = max(first, at.offset if at else 0)
            if await holds_records(reader, partition, start, end):
                raise NotReady(
                    f"{partition.topic} partition {partition.partition} holds records that group {group} has not done: "
                    f"let {whose} run until they are"
                )


async def announced_groups(admin: Any, reader: PartitionReader, topics: Topics) -> tuple[set[str], dict[bytes, bytes]]:
    """The groups of announced handlers, and the announcements by their keys. Raises KafkaError, KafkaTimeout."""
    announcements: dict[bytes, bytes] = {}
    for partition in await partitions_of(admin, topics, "handlers"):
        async for record in reader.records_between(partition, *(await reader.bounds(partition))):
            if record.value is None:
                announcements.pop(record.key or b"", None)
            else:
                announcements[record.key or b""] = record.value
    groups = set[str]()
    for value in announcements.values():
        try:
            groups.add(decode_announcement(value).group)
        except ValueError:
            continue  # it is no announcement: everybody ignores it
    return groups, announcements


async def holds_records(reader: PartitionReader, partition: TopicPartition, start: int, end: int) -> bool:
    """Whether there are records in offsets [start, end), not only markers of transactions.

    Raises KafkaError or KafkaTimeout.
    """
    async for _ in reader.records_between(partition, start, end):
        return True
    return False
