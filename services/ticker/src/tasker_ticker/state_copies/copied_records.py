"""PURE. Records of `ticker-state` as they are copied. Instants are epoch seconds."""

from typing import NamedTuple

from tasker_core.kafka_record import Record
from tasker_ticker.scheduling.memory.next_times import NextTimes
from tasker_ticker.scheduling.memory.shared_schedule import SchedulePool
from tasker_ticker.scheduling.memory.task_table import KnownTime
from tasker_ticker.scheduling.stored_state import TASK, TASK_KEY


class CopiedRecord(NamedTuple):
    """The value of a record, and of a task its next time, where that is known."""

    value: bytes
    known: KnownTime | None = None


class CopiedRecords:
    """Records as they are copied: of tasks with the next time that they have if all up to a second is decided."""

    def __init__(self, second: int) -> None:
        self._second, self._times = second, NextTimes(SchedulePool())

    def of(self, record: Record) -> CopiedRecord | None:
        """A record as it is copied; None for one that removes its key."""
        if record.value is None:
            return None
        if not record.value.startswith(TASK):
            return CopiedRecord(record.value)
        task_id = (record.key or b"").decode().removeprefix(TASK_KEY)
        due = self._times.known(task_id, record.value, self._second)
        return CopiedRecord(record.value, None if due is None else KnownTime(self._second, due))
