"""Reads the committed records of one partition up to an end, in portions."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import NamedTuple

from tasker_core.kafka_record import Record
from tasker_runtime.kafka.client import KafkaTimeout, TopicPartition
from tasker_ticker.kafka.interfaces import CommittedReader

MAX_EMPTY_POLLS = 1_000
POLL_MS = 10
"""So long the broker holds a fetch, and a poll waits, where nothing is left: a fetch that waits there holds up what is
read next, and a poll that gets nothing but a marker goes on waiting."""
AT_ONCE = 1_000


class RecordMark(NamedTuple):
    """By what one record of a partition is known again: its offset, and the broker's append time in epoch ms."""

    offset: int
    timestamp: int


async def holds_record(reader: CommittedReader, partition: TopicPartition, mark: RecordMark, end: int) -> bool:
    """Whether a record is still there, in a partition that is assigned and ends before `end`.

    If so, what is before it is what was there, too. Otherwise the partition was made anew or cut, or the record is
    superseded and gone: nobody can tell which.
    """
    reader.seek(partition, mark.offset)
    async with aclosing(records_to(reader, partition, end)) as found:
        async for records in found:
            return RecordMark(records[0].offset, records[0].timestamp) == mark
    return False


async def records_to(
    reader: CommittedReader, partition: TopicPartition, end: int, at_once: int = AT_ONCE
) -> AsyncGenerator[list[Record]]:
    """The records of one partition up to an end offset; a trailing marker moves the position, but is no record.

    In portions, between which others get their turn: what is due in partitions that are restored, and the heartbeats.
    """
    empty_polls = 0
    while await reader.position(partition) < end:
        records = await reader.poll(POLL_MS, at_once)
        empty_polls = 0 if records else empty_polls + 1
        if empty_polls > MAX_EMPTY_POLLS:
            raise KafkaTimeout(f"{partition}: no progress towards offset {end}")
        if records and records[-1].offset >= end:
            records = [record for record in records if record.offset < end]
        if records:
            yield records
            await asyncio.sleep(0)
