"""PURE. What one partition has kept in `ticker-state`, as it is read at a start."""

from dataclasses import dataclass, field
from typing import Any

from tasker_core.calendars.calendar_days import calendar_days
from tasker_core.ticker_state import (
    AlertGroup,
    BackfillState,
    CalendarState,
    CalendarVersion,
    RunMemory,
    TaskAlerts,
    TaskState,
    TaskTombstone,
    decode_state_record,
)
from tasker_ticker.scheduling.memory.calendar_memory import version_key
from tasker_ticker.scheduling.memory.held_task import HeldTask, restore_task
from tasker_ticker.scheduling.memory.shared_schedule import SchedulePool


@dataclass(slots=True)
class StoredState:
    """What was read from `ticker-state`."""

    tasks: dict[str, HeldTask] = field(default_factory=dict[str, HeldTask])
    tombstones: dict[str, TaskTombstone] = field(default_factory=dict[str, TaskTombstone])
    runs: dict[str, RunMemory] = field(default_factory=dict[str, RunMemory])
    backfills: dict[str, BackfillState] = field(default_factory=dict[str, BackfillState])
    alerts: dict[str, TaskAlerts] = field(default_factory=dict[str, TaskAlerts])
    alert_groups: dict[str, AlertGroup] = field(default_factory=dict[str, AlertGroup])
    calendars: dict[str, CalendarState] = field(default_factory=dict[str, CalendarState])
    schedules: SchedulePool = field(default_factory=SchedulePool)

    def apply(self, key: bytes, value: bytes | None) -> None:
        """Apply one record of `ticker-state`, in the order of the log. Raises msgspec.MsgspecError."""
        record = None if value is None else decode_state_record(value)
        if isinstance(record, TaskState):  # a million of them, and few of all others
            task = restore_task(record, self.schedules)
            self.tasks[task.id] = task
            if self.tombstones:
                self.tombstones.pop(task.id, None)
            return
        kind, _, name = key.decode().partition("/")
        if kind == "task":
            self.tombstones.pop(name, None)
        if record is None:
            self._by_kind().get(kind, {}).pop(version_key(name) if kind == "calendar-version" else name, None)
        elif isinstance(record, TaskTombstone):
            self.tasks.pop(name, None)
            self.tombstones[name] = record
        elif isinstance(record, CalendarVersion):
            self.schedules.days[version_key(name)] = calendar_days(record.days)
        else:
            self._by_kind()[kind][name] = record

    def _by_kind(self) -> dict[str, dict[Any, Any]]:
        return {
            "task": self.tasks,
            "run": self.runs,
            "backfill": self.backfills,
            "alerts": self.alerts,
            "alert-group": self.alert_groups,
            "calendar": self.calendars,
            "calendar-version": self.schedules.days,
        }
