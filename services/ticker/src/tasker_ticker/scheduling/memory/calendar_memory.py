"""PURE. What one partition holds of calendars: those of its own names, and the versions that its tasks are under."""

from collections.abc import Iterator

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
        self._users: dict[str, dict[int, set[str]]] = {}
        self._left: set[VersionKey] = set(versions)

    @property
    def names_in_use(self) -> list[str]:
        """The calendars that tasks are under."""
        return list(self._users)

    def tasks_before(self, name: str, version: int) -> list[str]:
        """The tasks that are under versions of a calendar older than this one, in no order."""
        by_version = self._users.get(name, {})
        return [task_id for older, users in by_version.items() if older < version for task_id in users]

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
        self, schedule: Schedule, current: HeldTask | None, at: int, others: AllCalendars
    ) -> tuple[dict[str, NewestCalendar | None], list[FieldError]]:
        """The calendars of a schedule that a task is to have from the second `at` on, and why some can't be used.

        A calendar that is deleted stays with the task that is under it (None: as it is), and with no other one. A
        version that holds later only leaves a task under the one before; another task has no other days to go by.
        """
        under = dict(current.shared_schedule.versions) if current else {}
        found: dict[str, NewestCalendar | None] = {}
        missing: dict[str, str] = {}
        for name, pointer in calendar_places(schedule):
            newest = self.newest(name, others)
            if name in under and (newest is None or newest.version < under[name] or newest.since > at):
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
            self._users.setdefault(name, {}).setdefault(version, set()).add(task.id)

    def leave(self, task_id: str, versions: tuple[VersionKey, ...]) -> None:
        """A task is under these versions no more."""
        for name, version in versions:
            by_version = self._users[name]
            by_version[version].remove(task_id)
            if not by_version[version]:
                del by_version[version]
                self._left.add((name, version))
            if not by_version:
                del self._users[name]

    def unused(self) -> Iterator[VersionKey]:
        """Drop the versions that no task is under any more; these are they."""
        left, self._left = self._left, set()
        for name, version in left:
            is_used = version in self._users.get(name, {})
            if not is_used and self.versions.pop((name, version), None) is not None:
                yield name, version
