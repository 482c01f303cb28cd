"""Whether the events that are read follow those before them: a broker may have lost some, at either end of its log."""

from collections.abc import Sequence

from tasker_core.errors import TaskerError
from tasker_core.kafka_record import Record
from tasker_runtime.kafka.client import TopicPartition
from tasker_runtime.kafka.lost_records import LostRecords
from tasker_ticker.kafka.interfaces import EventSource


class EventsWentBack(TaskerError):
    """The reader was set back: the topic has lost its end, or was made anew."""


class EventContinuity:
    """Of one owner, whose first event is that of `next_offset`. `lost` is told of what is missing."""

    def __init__(self, next_offset: int, lost: LostRecords | None) -> None:
        self._next, self._lost = next_offset, lost

    async def check(self, records: Sequence[Record], reader: EventSource) -> None:
        """Look at the next records. Raises EventsWentBack for what was read before, or stands in its place.

        Offsets that are skipped may be markers of transactions; only then Kafka is asked what it still has.
        """
        if not records:
            return
        first = records[0]
        partition = TopicPartition(first.topic, first.partition)
        if first.offset < self._next:
            if self._lost is not None:
                self._lost.went_back(partition, self._next, first.offset)
            raise EventsWentBack(f"an event of offset {first.offset} came, but {self._next} is next")
        if first.offset > self._next and self._lost is not None:
            kept, _ = await reader.bounds(partition)
            if kept >= first.offset:
                self._lost.look(partition, self._next, first.offset, first.offset)
        self._next = records[-1].offset + 1
