"""Records split into what one transaction takes, and what they tell."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from tasker_core.record import Record
from tasker_core.topics import TopicName
from tasker_log_sink.consuming.decoding import DecodedRecord, read
from tasker_runtime.kafka.client import TopicPartition


class UnusableRecord(NamedTuple):
    """A record that cannot be used, and why."""

    record: Record
    reason: str


@dataclass(frozen=True, slots=True)
class DecodedBatch:
    """What records tell: facts in their order, the last watermarks, and what goes to the dead letters."""

    facts: list[DecodedRecord] = field(default_factory=list[DecodedRecord])
    watermarks: dict[TopicPartition, datetime] = field(default_factory=dict[TopicPartition, datetime])
    refused: list[UnusableRecord] = field(default_factory=list[UnusableRecord])


def split(records: Sequence[Record], most: int, size: int) -> Iterator[Sequence[Record]]:
    """Pieces of at most `most` records and `size` bytes of values, at least one record each."""
    start = held = 0
    for at, record in enumerate(records):
        length = len(record.value or b"")
        if at > start and (at - start >= most or held + length > size):
            yield records[start:at]
            start, held = at, 0
        held += length
    if start < len(records):
        yield records[start:]


def decode_batch(records: Sequence[Record], sources: Mapping[str, TopicName]) -> DecodedBatch:
    """What records tell, one by one: one that is not of the contract does not touch the others."""
    batch = DecodedBatch()
    for record in records:
        try:
            facts = read(sources[record.topic], record.value, record.key)
        except (ValueError, RecursionError) as error:
            batch.refused.append(UnusableRecord(record, f"{type(error).__name__}: {error}"))
        else:
            if facts.watermark is None:
                batch.facts.append(facts)
            else:
                batch.watermarks[TopicPartition(record.topic, record.partition)] = facts.watermark
    return batch
