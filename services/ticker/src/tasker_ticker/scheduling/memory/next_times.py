"""PURE. The next times of tasks by their stored records, of which a glance is enough. Instants are epoch seconds."""

import re
from typing import Final

import msgspec
from msgspec import UNSET, Raw, UnsetType

from tasker_core.schedules.occurrences import Occurrence
from tasker_core.schedules.schedule import NEVER
from tasker_core.time.instant import parse_second
from tasker_ticker.scheduling.memory.shared_schedule import SchedulePool, SharedSchedule, is_shared

_ONCE: Final = re.compile(rb'\{"at":"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)"\}')
"""The schedule of a one-time task as it is usually stored."""


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
    streak: Raw | UnsetType = msgspec.field(default=UNSET, name="row")
    calendars: Raw | UnsetType = UNSET

    @property
    def takes_more(self) -> bool:
        """Whether more of the task is needed than a glance shows."""
        return self.task.then is not UNSET or self.streak is not UNSET or self.calendars is not UNSET

    @property
    def schedule(self) -> bytes:
        """The canonical JSON of its schedule."""
        return bytes(self.task.schedule)

    def undecided_after(self, decided: int) -> int:
        """The second after which its next time is, when all up to `decided` is decided."""
        return max(decided, self.since, decided if self.after_nominal is None else self.after_nominal)


glance_at: Final = msgspec.json.Decoder(TaskGlance).decode
"""Raises msgspec.ValidationError for another kind of record."""


def once_at(schedule: bytes) -> int | None:
    """The only time of a one-time task; None for another schedule, and for an unusual form."""
    once = _ONCE.fullmatch(schedule)
    return None if once is None else parse_second(once[1].decode())


class NextTimes:
    """Remembers the schedules that many tasks share, until `clear`."""

    def __init__(self, schedules: SchedulePool) -> None:
        self._schedules = schedules
        self._shared = dict[bytes, SharedSchedule]()

    def next(self, schedule: bytes, task_id: str, after: int) -> int:
        """The next time after a second; NEVER also where it takes more to say."""
        if (once := once_at(schedule)) is not None:
            return once if once > after else NEVER
        shared = self._shared.get(schedule)
        if shared is None:
            if not is_shared(schedule):
                return NEVER
            shared = self._shared[schedule] = self._schedules.of(schedule, task_id)
        found = shared.search(after)
        return found.effective if isinstance(found, Occurrence) else NEVER

    def known(self, task_id: str, record: bytes, decided: int) -> int | None:
        """When a task is due next if all up to a second is decided; None where it is not, or takes more to say."""
        seen = glance_at(record)
        if seen.takes_more or seen.finished_at is not None or seen.task.paused:
            return None
        found = self.next(seen.schedule, task_id, seen.undecided_after(decided))
        return found if found < NEVER else None

    def clear(self) -> None:
        """Remember nothing."""
        self._shared.clear()
