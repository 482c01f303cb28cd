"""PURE. Records of `ticker-state` as they are copied. Instants are epoch seconds."""

from typing import NamedTuple

from tasker_core.kafka_record import Record
from tasker_ticker.scheduling.memory.next_times import NextTimes
from tasker_ticker.scheduling.memory.shared_schedule import SchedulePool
from tasker_ticker.scheduling.stored_state import TASK, TASK_KEY


class CopiedRecord(NamedTuple):
    """The value of a record; of a task whose next time is known that time, if all up to `decided` is decided."""

    value: bytes
    decided: int | None = None
    due: int | None = None


class CopiedRecords:
    """Records as they are copied: of tasks with the next time that they have if all up to a second is decided."""

    def __init__(self, second: int) -> None:
        self._second, self._times = second, NextTimes(SchedulePool())

    def of(self, record: Record) -> CopiedRecord | None:
        """A record as it is copied; None for one that removes its key."""
        return None if record.value is None else self.under(record.key or b"", record.value)

    def under(self, key: bytes, value: bytes) -> CopiedRecord:
        """The value of a key as it is copied."""
        if not value.startswith(TASK):
            return CopiedRecord(value)
        due = self._times.known(key.decode().removeprefix(TASK_KEY), value, self._second)
        return CopiedRecord(value, None if due is None else self._second, due)
