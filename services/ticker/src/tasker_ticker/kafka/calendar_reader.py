"""The calendars of all partitions, kept up to date in the background."""

from collections.abc import Callable, Sequence
from typing import Final

from tasker_core.topics import Topics
from tasker_runtime.compacted_topic_reader import CompactedTopicReader, TableSource
from tasker_runtime.health import Health
from tasker_runtime.kafka.client import TopicPartition
from tasker_runtime.logs import Log
from tasker_ticker.scheduling.memory.calendar_table import CalendarTable, NewestCalendar

CHECK: Final = "calendars"


class CalendarReader(CompactedTopicReader[CalendarTable]):
    """What the topic `calendars` says, as far as it is read."""

    def __init__(
        self, reader: Callable[[], TableSource], topics: Topics, partitions: int, health: Health, log: Log
    ) -> None:
        where = [TopicPartition(topics["calendars"], number) for number in range(partitions)]
        super().__init__(reader, where, CalendarTable, CHECK, health, log)

    @property
    def calendar_mark(self) -> object:
        """Another one whenever a calendar has changed."""
        return self.table.mark

    def find_calendar(self, name: str) -> NewestCalendar | None:
        """The calendar of a name."""
        return self.table.by_name.get(name)

    def calendar_names(self) -> Sequence[str]:
        """The names of all, sorted."""
        return sorted(self.table.by_name)
