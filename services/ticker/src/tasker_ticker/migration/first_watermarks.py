"""Writes the first watermarks of new partitions: all of them or none, and it is known which."""

import asyncio
from collections.abc import Callable
from typing import Any, Final

from tasker_core.errors import TaskerError
from tasker_core.topics import Topics
from tasker_runtime.kafka.client import START_SECONDS, KafkaError, KafkaTimeout, TopicPartition, bounded, stop_bounded
from tasker_runtime.kafka.partition_reader import PartitionReader
from tasker_ticker.migration.source_checks import holds_records

SEND_SECONDS: Final = 60.0
COMMIT_SECONDS: Final = 30.0


class UnknownOutcome(TaskerError):
    """It can't be said whether the new partitions have begun; the text says how to find out."""


async def write_first_watermarks(
    producers: Callable[[], Any], reader: PartitionReader, topics: Topics, partitions: int, watermark: bytes
) -> None:
    """Write a watermark to each of so many partitions, in one transaction of one of these (transactional) producers.

    Raises KafkaError or KafkaTimeout when none of them is written, UnknownOutcome when Kafka does not say.
    """
    producer = producers()
    try:
        await bounded(producer.start(), START_SECONDS, "connecting to Kafka")
        await producer.begin_transaction()
        sends = [
            await producer.send(topics["watermarks"], watermark, key=str(number).encode(), partition=number)
            for number in range(partitions)
        ]
        await bounded(asyncio.gather(*sends), SEND_SECONDS, "writing watermarks")
        try:
            await bounded(producer.commit_transaction(), COMMIT_SECONDS, "committing watermarks")
        except (KafkaError, KafkaTimeout) as error:
            if not await _are_written(producers, reader, topics, partitions, error):
                raise
    finally:
        await stop_bounded(producer.stop(), "a transactional producer")


async def _are_written(
    producers: Callable[[], Any], reader: PartitionReader, topics: Topics, partitions: int, reason: Exception
) -> bool:
    """Whether a commit without an answer has happened: the start of a second producer ends it, one way or another."""
    second = producers()
    try:
        await bounded(second.start(), START_SECONDS, "connecting to Kafka again")
        for number in range(partitions):
            partition = TopicPartition(topics["watermarks"], number)
            if await holds_records(reader, partition, *(await reader.bounds(partition))):
                return True
    except (KafkaError, KafkaTimeout) as error:
        raise UnknownOutcome(
            f"{reason}; nor does Kafka say whether that has happened ({error}). Read {topics['watermarks']} from its "
            "beginning (read_committed): with records in it the new partitions have begun, and the services may be "
            f"started with them; without any, delete the topics {topics.prefix}.* and repeat the command"
        ) from None
    finally:
        await stop_bounded(second.stop(), "a transactional producer")
    return False
