"""Follows the watermarks in Kafka while somebody asks for them: each as it comes, so that its age is right."""

from collections import deque
from typing import Final

from msgspec import MsgspecError

from tasker_api.system.facts import PartitionMark, WatermarkGap
from tasker_core.kafka_record import Record
from tasker_core.messages.watermark import Watermark, decode_watermark
from tasker_core.time.instant import from_ms, parse_ms
from tasker_runtime.clock import Clock
from tasker_runtime.kafka.client import TopicPartition
from tasker_runtime.kafka.partition_reader import PartitionReader

TAIL: Final = 64
POLL_MS: Final = 500
MEASURED: Final = 40
"""The clock's offset is the least of the last so many delays from append to arrival, commits that wait included."""


class WatermarkFollower:
    """The last watermark of each partition, from `reader`, which is started already."""

    def __init__(self, reader: PartitionReader, topic: str, partitions: int, clock: Clock) -> None:
        self._reader, self._clock = reader, clock
        self._partitions = [TopicPartition(topic, number) for number in range(partitions)]
        self._delays: deque[int] = deque(maxlen=MEASURED)
        self._at_end = False
        self.marks: dict[int, PartitionMark] = {}

    @property
    def clock_offset_ms(self) -> int | None:
        """How far this machine's clock is ahead of the broker's, to some hundredths of a second at best."""
        return min(self._delays) if len(self._delays) > 2 else None

    async def read_tail(self) -> None:
        """Read the last watermark of each partition. Raises KafkaError or KafkaTimeout."""
        first = await self._reader.beginnings(*self._partitions)
        ends = await self._reader.ends(*self._partitions)
        self._reader.assign(*self._partitions)
        for partition in self._partitions:
            self._reader.seek(partition, max(first[partition], ends[partition] - TAIL))
        while any([await self._reader.position(one) < end for one, end in ends.items()]):
            self._take(await self._reader.poll(POLL_MS))
        self._at_end = True

    async def run(self) -> None:
        """Follow until cancelled."""
        while True:
            self._take(await self._reader.poll(POLL_MS))

    def _take(self, records: list[Record]) -> None:
        now = self._clock.now_ms()
        for record in records:
            try:
                self.marks[record.partition] = mark_of(decode_watermark(record.value or b""))
            except (MsgspecError, ValueError):
                continue  # nobody else can read it, either
            if self._at_end:
                self._delays.append(now - record.timestamp)


def mark_of(mark: Watermark) -> PartitionMark:
    """A watermark as it is shown. Raises ValueError."""
    return PartitionMark(
        time=from_ms(parse_ms(mark.time)),
        owner=mark.owner,
        next_offset=mark.next_offset,
        version=mark.version,
        held=mark.held,
        clock_offset_ms=mark.clock_offset_ms,
        catch_up=tuple(
            WatermarkGap(from_ms(parse_ms(gap.from_)), from_ms(parse_ms(gap.to)), gap.after_task)
            for gap in mark.catch_up
        ),
        burst=None if mark.burst is None else from_ms(parse_ms(mark.burst.second)),
    )
