"""Records as they are, for FastStream: values are decoded by Tasker's published models, not guessed at."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from aiokafka import ConsumerRecord
from faststream.kafka.message import KafkaMessage

Parser = Callable[[Any], Awaitable[KafkaMessage]]


async def without_headers(record: "ConsumerRecord[bytes, bytes]", original: Parser) -> KafkaMessage:
    """The record without its headers: FastStream's parser takes texts only, and anybody may write others."""
    return await original(replace(record, headers=()))


async def value_of(message: KafkaMessage) -> bytes:
    """The value, byte for byte; empty where there is none."""
    return message.body or b""
