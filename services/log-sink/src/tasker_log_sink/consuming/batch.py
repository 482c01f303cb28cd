"""Records cut into what one transaction takes, and decoded."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from tasker_core.documents.partitions import WatermarkFields
from tasker_core.kafka_record import Record
from tasker_core.topics import TopicName
from tasker_log_sink.consuming.decoding import decode_record
from tasker_log_sink.projection.decoded_record import DecodedRecord
from tasker_runtime.kafka.client import TopicPartition


class UnusableRecord(NamedTuple):
    """A record that cannot be used, and why."""

    record: Record
    reason: str


@dataclass(frozen=True, slots=True)
class DecodedBatch:
    """What records say, in their order; the last watermarks; and what goes to the dead letters."""

    records: list[DecodedRecord] = field(default_factory=list[DecodedRecord])
    watermarks: dict[TopicPartition, WatermarkFields] = field(default_factory=dict[TopicPartition, WatermarkFields])
    unusable: list[UnusableRecord] = field(default_factory=list[UnusableRecord])

    def with_origins(self, read: Iterable[Record]) -> Iterator[tuple[Record, DecodedRecord]]:
        """Each record with what it says; `read` are all that the batch was decoded from."""
        left_out = {(r.topic, r.partition, r.offset) for r, _ in self.unusable}
        topics = {partition.topic for partition in self.watermarks}
        used = (r for r in read if r.topic not in topics and (r.topic, r.partition, r.offset) not in left_out)
        return zip(used, self.records, strict=True)


def split(records: Sequence[Record], max_records: int, max_bytes: int) -> Iterator[Sequence[Record]]:
    """Batches of at most so many records and bytes of values, at least one record each."""
    start = size = 0
    for index, record in enumerate(records):
        length = len(record.value or b"")
        if index > start and (index - start >= max_records or size + length > max_bytes):
            yield records[start:index]
            start, size = index, 0
        size += length
    if start < len(records):
        yield records[start:]


def decode_batch(records: Sequence[Record], sources: Mapping[str, TopicName]) -> DecodedBatch:
    """Decode record by record: one that is not of the contract does not touch the others."""
    batch = DecodedBatch()
    for record in records:
        try:
            source, place = sources[record.topic], (record.partition, record.offset, record.timestamp)
            decoded = decode_record(source, record.value, record.key, *place)
        except (ValueError, RecursionError) as error:
            batch.unusable.append(UnusableRecord(record, f"{type(error).__name__}: {error}"))
        else:
            if decoded.watermark is None:
                batch.records.append(decoded)
            else:
                batch.watermarks[TopicPartition(record.topic, record.partition)] = decoded.watermark
    return batch
