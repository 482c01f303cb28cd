"""Records cut into what one transaction takes, and what they tell."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from tasker_core.record import Record
from tasker_core.topics import TopicName
from tasker_log_sink.facts import Facts, read
from tasker_runtime.kafka.client import TopicPartition


class Refused(NamedTuple):
    """A record that cannot be used, and why."""

    record: Record
    reason: str


@dataclass(frozen=True, slots=True)
class Batch:
    """What records tell: facts in their order, the last watermarks, and what goes to the dead letters."""

    facts: list[Facts] = field(default_factory=list[Facts])
    watermarks: dict[TopicPartition, datetime] = field(default_factory=dict[TopicPartition, datetime])
    refused: list[Refused] = field(default_factory=list[Refused])


def cut(records: Sequence[Record], most: int, size: int) -> Iterator[Sequence[Record]]:
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


def decoded(records: Sequence[Record], sources: Mapping[str, TopicName]) -> Batch:
    """What records tell, one by one: one that is not of the contract does not touch the others."""
    batch = Batch()
    for record in records:
        try:
            facts = read(sources[record.topic], record.value, record.key)
        except (ValueError, RecursionError) as error:
            batch.refused.append(Refused(record, f"{type(error).__name__}: {error}"))
        else:
            if facts.watermark is None:
                batch.facts.append(facts)
            else:
                batch.watermarks[TopicPartition(record.topic, record.partition)] = facts.watermark
    return batch
