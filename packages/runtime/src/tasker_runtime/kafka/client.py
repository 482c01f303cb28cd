"""What every client of Kafka here needs: its errors, and a bound on every wait."""

import asyncio
import logging
from collections.abc import Awaitable
from typing import Any, Final, TypeVar

from aiokafka import TopicPartition
from aiokafka.errors import KafkaError, MessageSizeTooLargeError, RecordListTooLargeError

from tasker_core.errors import TaskerError
from tasker_core.kafka_record import Record

__all__ = [
    "TOO_LARGE",
    "KafkaError",
    "KafkaTimeout",
    "TopicPartition",
    "bounded",
    "buffered_partitions",
    "record_of",
    "set_fetch_wait",
    "stop_bounded",
]

T = TypeVar("T")
START_SECONDS: Final = 30.0
STOP_SECONDS: Final = 3.0
TOO_LARGE: Final = (MessageSizeTooLargeError, RecordListTooLargeError)
"""A record that no producer of this size, or no topic, takes: it never will be."""


class KafkaTimeout(TaskerError):
    """Kafka did not answer in time."""


def record_of(raw: Any) -> Record:
    """Our view of aiokafka's ConsumerRecord; a header without a value has an empty one."""
    headers = raw.headers and [(name, value or b"") for name, value in raw.headers]
    return Record(raw.topic, raw.partition, raw.offset, raw.timestamp, raw.key, raw.value, headers)


def buffered_partitions(consumer: Any) -> frozenset[TopicPartition]:
    """The partitions whose fetched records wait in a consumer to be read: it asks for no more of them meanwhile."""
    return frozenset(consumer._fetcher._records)


def set_fetch_wait(consumer: Any, milliseconds: int) -> None:
    """How long the broker holds the fetches that a consumer sends from now on while there is nothing new.

    What comes meanwhile is sent at once; but a partition that is not in a fetch waits until it is answered. Changes
    nothing in a consumer that was not started.
    """
    if consumer._fetcher is not None:
        consumer._fetcher._fetch_max_wait_ms = milliseconds


async def bounded(wait: Awaitable[T], seconds: float, what: str) -> T:
    """Await with a bound. Raises KafkaTimeout naming what was waited for."""
    try:
        async with asyncio.timeout(seconds):
            return await wait
    except TimeoutError:
        raise KafkaTimeout(f"{what}: no answer within {seconds:g} s") from None


async def stop_bounded(stopping: Awaitable[Any], what: str, seconds: float = STOP_SECONDS) -> None:
    """Stop an aiokafka client; one that cannot be stopped in time is left to the process's end.

    In a task of its own: `stop` awaits tasks that it has cancelled, and their cancellation must not become ours.
    """
    task = asyncio.ensure_future(stopping)
    await asyncio.wait({task}, timeout=seconds)
    if not task.done():
        logging.getLogger(__name__).warning("%s could not be stopped within %g s", what, seconds)
        task.cancel()
        await asyncio.wait({task}, timeout=seconds)
    if task.done() and not task.cancelled() and not isinstance(task.exception(), KafkaError):
        task.result()
