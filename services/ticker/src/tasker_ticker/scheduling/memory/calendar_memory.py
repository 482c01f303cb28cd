"""PURE. What one partition holds of calendars: those of its own names, and the versions that its tasks are under."""

from collections import Counter
from collections.abc import Iterator, Mapping

from tasker_core.calendars.calendar import unknown_calendars
from tasker_core.calendars.calendar_days import CalendarDays
from tasker_core.errors import FieldError
from tasker_core.messages.calendars import CalendarDefined
from tasker_core.schedules.kinds.options import calendar_places
from tasker_core.schedules.schedule import Schedule
from tasker_core.ticker_state import CalendarState
from tasker_core.time.instant import parse_second
from tasker_ticker.scheduling.memory.calendar_table import AllCalendars, NewestCalendar
from tasker_ticker.scheduling.memory.held_task import HeldTask

VersionKey = tuple[str, int]
"""The name of a calendar, and a version of it."""


def version_key(name: str) -> VersionKey:
    """Of which calendar, and which version of it, the key `calendar-version/<name>` speaks: `<calendar>/<version>`."""
    calendar, _, version = name.rpartition("/")
    return calendar, int(version)


def told_to_all(name: str, calendar: CalendarState) -> CalendarDefined:
    """A calendar as the owners of all partitions read it."""
    return CalendarDefined(
        name=name,
        version=calendar.version,
        description=calendar.description,
        days=calendar.days,
        effective_from=calendar.effective_from,
    )


class CalendarMemory:
    """`own`: those whose name belongs to this partition, which alone changes them. `versions`: the days of each version
    that a task is under; what no task is under any more is dropped by `unused`.
    """

    def __init__(self, own: dict[str, CalendarState], versions: dict[VersionKey, CalendarDays]) -> None:
        self.own, self.versions = own, versions
        self.mark = object()
        """Another one whenever one of `own` has changed."""
        self._users: dict[str, dict[str, int]] = {}
        self._counts: Counter[VersionKey] = Counter()
        self._left: set[VersionKey] = set(versions)

    @property
    def names_in_use(self) -> list[str]:
        """The calendars that tasks are under."""
        return list(self._users)

    def users(self, name: str) -> Mapping[str, int]:
        """The tasks that are under a calendar, and under which version."""
        return self._users.get(name, {})

    def define(self, name: str, calendar: CalendarState) -> None:
        """One of the own calendars is this from now on, or deleted."""
        self.own[name] = calendar
        self.mark = object()

    def newest(self, name: str, others: AllCalendars) -> NewestCalendar | None:
        """A calendar as it stands: of its own ones the partition knows best, also what is not committed yet."""
        own = self.own.get(name)
        if own is None:
            return others.find_calendar(name)
        if own.deleted:
            return None
        return NewestCalendar(name, own.version, own.days, parse_second(own.effective_from))

    def for_schedule(
        self, schedule: Schedule, current: HeldTask | None, others: AllCalendars
    ) -> tuple[dict[str, NewestCalendar | None], list[FieldError]]:
        """The calendars of a schedule that a task is to have, and why some can't be used.

        A calendar that is deleted stays with the task that is under it (None: as it is), and with no other one.
        """
        under = dict(current.shared_schedule.versions) if current else {}
        found: dict[str, NewestCalendar | None] = {}
        missing: dict[str, str] = {}
        for name, pointer in calendar_places(schedule):
            newest = self.newest(name, others)
            if name in under and (newest is None or newest.version < under[name]):
                newest = None
            elif newest is None:
                missing[name] = pointer
                continue
            found[name] = newest
        if not missing:
            return found, []
        own = {name for name, calendar in self.own.items() if not calendar.deleted}
        gone = {name for name, calendar in self.own.items() if calendar.deleted}
        known = sorted((own | set(others.calendar_names())) - gone)
        return {}, unknown_calendars(missing, known, readable=others.is_connected)

    def hold(self, calendar: NewestCalendar) -> bool:
        """Keep the days of a version; returns whether they have to be stored, as they were not there."""
        key = (calendar.name, calendar.version)
        if key in self.versions:
            return False
        self.versions[key] = calendar.days
        self._left.add(key)
        return True

    def enter(self, task: HeldTask) -> None:
        """A task is under these versions now."""
        for name, version in task.shared_schedule.versions:
            self._users.setdefault(name, {})[task.id] = version
            self._counts[name, version] += 1

    def leave(self, task_id: str, versions: tuple[VersionKey, ...]) -> None:
        """A task is under these versions no more."""
        for name, version in versions:
            users = self._users[name]
            if users.get(task_id) == version:
                del users[task_id]
            if not users:
                del self._users[name]
            self._counts[name, version] -= 1
            if not self._counts[name, version]:
                del self._counts[name, version]
                self._left.add((name, version))

    def unused(self) -> Iterator[VersionKey]:
        """Drop the versions that no task is under any more; these are they."""
        left, self._left = self._left, set()
        for key in left:
            if key not in self._counts and self.versions.pop(key, None) is not None:
                yield key
