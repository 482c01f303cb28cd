"""PURE. What one partition has kept in `ticker-state`, as it is read at a start."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from tasker_core.calendars.calendar_days import calendar_days
from tasker_core.ticker_state import (
    AlertGroup,
    BackfillState,
    CalendarState,
    CalendarVersion,
    RunMemory,
    TaskAlerts,
    TaskTombstone,
    decode_state_record,
)
from tasker_ticker.scheduling.memory.calendar_memory import version_key
from tasker_ticker.scheduling.memory.shared_schedule import SchedulePool
from tasker_ticker.scheduling.memory.task_table import ScheduledRecord, TaskTable

TASK_KEY: Final = "task/"
"""So begins the key of a task, or of its tombstone."""
_ID: Final = len(TASK_KEY)
TASK: Final = b'{"type":"task",'
"""So begins each TaskState."""


@dataclass(slots=True)
class StoredState:
    """What was read from `ticker-state`."""

    tombstones: dict[str, TaskTombstone] = field(default_factory=dict[str, TaskTombstone])
    runs: dict[str, RunMemory] = field(default_factory=dict[str, RunMemory])
    backfills: dict[str, BackfillState] = field(default_factory=dict[str, BackfillState])
    alerts: dict[str, TaskAlerts] = field(default_factory=dict[str, TaskAlerts])
    alert_groups: dict[str, AlertGroup] = field(default_factory=dict[str, AlertGroup])
    calendars: dict[str, CalendarState] = field(default_factory=dict[str, CalendarState])
    schedules: SchedulePool = field(default_factory=SchedulePool)
    tasks: TaskTable = field(init=False)

    def __post_init__(self) -> None:
        self.tasks = TaskTable(self.schedules)

    def apply(self, key: bytes, value: bytes | None) -> None:
        """Apply one record of `ticker-state`, in the order of the log. Raises msgspec.MsgspecError."""
        kind, _, name = key.decode().partition("/")
        if kind == "task":
            self._apply_task(name, value)
        elif value is None:
            self._by_kind().get(kind, {}).pop(version_key(name) if kind == "calendar-version" else name, None)
        elif isinstance(record := decode_state_record(value), CalendarVersion):
            self.schedules.days[version_key(name)] = calendar_days(record.days)
        else:
            self._by_kind()[kind][name] = record

    def apply_scheduled(self, records: Iterable[ScheduledRecord]) -> None:
        """Take in tasks of which the next time is known already, and nothing else was applied before."""
        store = self.tasks.store
        for record in records:
            store(record[0][_ID:].decode(), record)

    def _apply_task(self, task_id: str, value: bytes | None) -> None:
        """A million of them are tasks as they are held, and few something else."""
        if self.tombstones:
            self.tombstones.pop(task_id, None)
        if value is None:
            self.tasks.discard(task_id)
        elif not value.startswith(TASK) and isinstance(record := decode_state_record(value), TaskTombstone):
            self.tasks.discard(task_id)
            self.tombstones[task_id] = record
        else:
            self.tasks.store(task_id, value)

    def _by_kind(self) -> dict[str, dict[Any, Any]]:
        return {
            "run": self.runs,
            "backfill": self.backfills,
            "alerts": self.alerts,
            "alert-group": self.alert_groups,
            "calendar": self.calendars,
            "calendar-version": self.schedules.days,
        }
