"""PURE. The next times of tasks by their stored records, of which a glance is enough. Instants are epoch seconds."""

from typing import Final

import msgspec
from msgspec import UNSET, Raw, UnsetType

from tasker_core.schedules.occurrences import Occurrence
from tasker_core.schedules.schedule import NEVER
from tasker_ticker.scheduling.memory.shared_schedule import (
    OneTimeSchedule,
    SchedulePool,
    SharedSchedule,
    is_once,
    resolved_text,
)


class _Definition(msgspec.Struct, gc=False):
    schedule: Raw
    paused: bool = False
    then: Raw | UnsetType = UNSET


class TaskGlance(msgspec.Struct, tag="task", gc=False):
    """Of a TaskState what decides when it is due."""

    since: int
    task: _Definition
    after_nominal: int | None = None
    finished_at: int | None = None
    runs_done: int = 0
    streak: Raw | UnsetType = msgspec.field(default=UNSET, name="row")
    calendars: Raw | UnsetType = UNSET

    @property
    def takes_more(self) -> bool:
        """Whether more of the task is needed than a glance shows."""
        return self.task.then is not UNSET or self.streak is not UNSET or self.calendars is not UNSET


glance_at: Final = msgspec.json.Decoder(TaskGlance).decode
"""Raises msgspec.ValidationError for another kind of record."""


class NextTimes:
    """Remembers the schedules that many tasks share, until `clear`."""

    def __init__(self, schedules: SchedulePool) -> None:
        self._schedules = schedules
        self._shared = dict[bytes, SharedSchedule]()

    def next(self, task_id: str, seen: TaskGlance, decided: int) -> int | None:
        """When a task is due next if all up to a second is decided, as HeldTask.find_next has it.

        NEVER if it never is; None where the search is to go on later. `seen` is not paused, not finished and does not
        take more.
        """
        schedule = self._schedule(task_id, seen)
        if schedule.max_runs is not None and seen.runs_done >= schedule.max_runs:
            return NEVER
        dealt_with = -NEVER if seen.after_nominal is None else seen.after_nominal
        found = schedule.next_due(decided, schedule.offset_for(task_id), seen.since, dealt_with)
        return found.effective if isinstance(found, Occurrence) else None

    def over_at(self, task_id: str, seen: TaskGlance) -> int:
        """The second at which a one-time task is over, as its schedule alone says; NEVER for others."""
        return self._schedule(task_id, seen).over_at(task_id)

    def known(self, task_id: str, record: bytes, decided: int) -> int | None:
        """When a task is due next if all up to a second is decided; None where it is not, or takes more to say."""
        seen = glance_at(record)
        if seen.takes_more or seen.finished_at is not None or seen.task.paused:
            return None
        found = self.next(task_id, seen, decided)
        return None if found == NEVER else found

    def clear(self) -> None:
        """Remember nothing."""
        self._shared.clear()

    def _schedule(self, task_id: str, seen: TaskGlance) -> SharedSchedule:
        text = bytes(seen.task.schedule)
        if is_once(text):
            return OneTimeSchedule(text)
        text = resolved_text(text, task_id)
        found = self._shared.get(text)
        if found is None:
            found = self._shared[text] = self._schedules.of(text, task_id)
        return found
