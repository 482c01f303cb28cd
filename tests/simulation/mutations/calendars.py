"""Mutations of calendars: of the events that change them, and of how tasks are handed over to another version."""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from msgspec.structs import replace

from tasker_core.schedules.schedule import NEVER, Schedule
from tasker_core.ticker_state import CalendarState
from tasker_core.time.zones import END_OF_TIME
from tasker_ticker.kafka.calendar_reader import CalendarReader
from tasker_ticker.scheduling.calendar_handover import CalendarHandover
from tasker_ticker.scheduling.events import calendar_events
from tasker_ticker.scheduling.events.event_context import EventContext
from tasker_ticker.scheduling.memory.calendar_memory import CalendarMemory, VersionKey
from tasker_ticker.scheduling.memory.calendar_table import AllCalendars, CalendarTable, NewestCalendar
from tasker_ticker.scheduling.memory.held_task import SEARCH_AGAIN, HeldTask
from tasker_ticker.scheduling.records import BatchRecords
from tasker_ticker.scheduling.scheduler import Scheduler
from tasker_ticker.scheduling.state import PartitionState

# What is patched is private to the ticker.
# pyright: reportPrivateUsage=false


@contextmanager
def told_but_not_done() -> Generator[None]:
    """A task goes on by the days of before, though it was told to be handed over."""
    reschedule = CalendarHandover._reschedule

    def tell(self: CalendarHandover, task: HeldTask, newest: NewestCalendar, records: BatchRecords) -> None:
        before = task.shared_schedule
        reschedule(self, task, newest, records)
        self._state.calendars.leave(task.id, task.shared_schedule.versions)
        task.shared_schedule = before
        self._state.calendars.enter(task)
        self._state.put_task(task)

    with mock.patch.object(CalendarHandover, "_reschedule", tell):
        yield


def done_without_being_told() -> Any:
    """A task goes on by other days, and nobody is told."""
    return mock.patch.object(BatchRecords, "add_rescheduled", return_value=None)


@contextmanager
def rest_forgotten_at_a_restart() -> Generator[None]:
    """Whom an owner had not handed over when it died, nobody hands over."""
    begin = CalendarHandover.__init__

    def begin_as_if_done(self: CalendarHandover, state: PartitionState, calendars: AllCalendars) -> None:
        begin(self, state, calendars)
        self._seen = self._marks()

    with mock.patch.object(CalendarHandover, "__init__", begin_as_if_done):
        yield


def days_not_kept() -> Any:
    """A restart does not know the days of versions that tasks are under."""
    return mock.patch.object(BatchRecords, "store_calendar_version", return_value=None)


def days_dropped_too_soon() -> Any:
    """The days of a version are dropped as soon as one of its tasks has left it."""

    def leave(self: CalendarMemory, task_id: str, versions: tuple[VersionKey, ...]) -> None:
        for name, version in versions:
            self._users[name][version].remove(task_id)
            if not self._users[name][version]:
                del self._users[name][version]
            self._left.add((name, version))

    def all_left(self: CalendarMemory) -> Iterator[VersionKey]:
        left, self._left = self._left, set()
        yield from left

    return mock.patch.multiple(CalendarMemory, leave=leave, unused=all_left)


def days_kept_for_ever() -> Any:
    """The days of a version that no task is under any more stay."""
    return mock.patch.object(CalendarMemory, "unused", return_value=())


@contextmanager
def deleted_calendar_without_days() -> Generator[None]:
    """Tasks lose the days of a calendar that is deleted."""
    newest = CalendarMemory.newest

    def empty(self: CalendarMemory, name: str, others: AllCalendars) -> NewestCalendar | None:
        own = self.own.get(name)
        if own is None or not own.deleted:
            return newest(self, name, others)
        return NewestCalendar(name, own.version, (), 0)

    with mock.patch.object(CalendarMemory, "newest", empty):
        yield


@contextmanager
def deleted_calendar_used() -> Generator[None]:
    """Other partitions never hear that a calendar is deleted."""
    apply = CalendarTable.apply

    def apply_some(self: CalendarTable, key: bytes | None, value: bytes | None) -> str | None:
        return None if value is None else apply(self, key, value)

    with mock.patch.object(CalendarTable, "apply", apply_some):
        yield


def older_version_after_newer() -> Any:
    """Who has read less of the calendars than the owner before hands its tasks back."""

    def others(self: CalendarMemory, name: str, version: int) -> list[str]:
        by_version = self._users.get(name, {})
        return [task_id for other, users in by_version.items() if other != version for task_id in users]

    def hand_over(self: CalendarHandover, records: BatchRecords) -> None:
        self._look()
        while self._waiting:
            name, task_id = self._waiting.pop()
            task, newest = self._state.tasks.get(task_id), self._state.calendars.newest(name, self._calendars)
            if task is not None and newest is not None and name in dict(task.shared_schedule.versions):
                self._reschedule(task, newest, records)
        for key in self._state.calendars.unused():
            records.delete_calendar_version(*key)

    return _both(
        mock.patch.object(CalendarMemory, "tasks_before", others),
        mock.patch.object(CalendarHandover, "hand_over", hand_over),
    )


@contextmanager
def _both(one: Any, other: Any) -> Generator[None]:
    with one, other:
        yield


async def _nothing_read(_: CalendarReader) -> bool:
    return True


def answered_before_it_is_read() -> Any:
    """A task that comes right after its calendar was answered is refused."""
    return mock.patch.object(CalendarReader, "refresh", _nothing_read)


@contextmanager
def held_before_its_second() -> Generator[None]:
    """A version holds as soon as it is read, also in a partition that is not there yet."""
    newest = CalendarMemory.newest

    def at_once(self: CalendarMemory, name: str, others: AllCalendars) -> NewestCalendar | None:
        found = newest(self, name, others)
        return found and found._replace(since=0)

    with mock.patch.object(CalendarMemory, "newest", at_once):
        yield


def change_to_come_forgotten() -> Any:
    """After an outage what has changed meanwhile does not take its place in time."""
    return _both(
        mock.patch.object(CalendarHandover, "next_change", return_value=None),
        mock.patch.object(CalendarHandover, "is_due", return_value=False),
    )


def rest_handed_over_last() -> Any:
    """A partition that catches up moves on before all are handed over."""
    return mock.patch.object(CalendarHandover, "is_due", return_value=False)


@contextmanager
def handed_over_in_a_burst() -> Generator[None]:
    """Tasks are handed over in the middle of a second, as if its begin was all that is decided."""
    apply, advance = Scheduler._apply_calendars, Scheduler._advance

    def not_to_the_end(self: Scheduler, to: int, records: BatchRecords) -> bool:
        position = self.state.position

        def go(self: Scheduler, to: int, records: BatchRecords, *, live_only: bool = False) -> bool:
            return to == position.second or advance(self, to, records, live_only=live_only)

        with mock.patch.object(Scheduler, "_advance", go):
            return apply(self, to, records)

    with mock.patch.object(Scheduler, "_apply_calendars", not_to_the_end):
        yield


@contextmanager
def repeated_change_not_recognised() -> Generator[None]:
    """A calendar remembers no events."""
    define = CalendarMemory.define

    def forgetful(self: CalendarMemory, name: str, calendar: CalendarState) -> None:
        define(self, name, replace(calendar, recent=()))

    with mock.patch.object(CalendarMemory, "define", forgetful):
        yield


@contextmanager
def older_forwarded_change_wins() -> Generator[None]:
    """An event about a calendar that was forwarded, and is older than its last change, changes it."""
    apply = calendar_events.apply

    def as_sent_here(context: EventContext, event: Any) -> None:
        context.forwarded = False
        apply(context, event)

    with mock.patch.object(calendar_events, "apply", as_sent_here):
        yield


@contextmanager
def edit_takes_days_to_come() -> Generator[None]:
    """A task that is edited before another version holds is under that one at once."""
    for_schedule = CalendarMemory.for_schedule

    def to_come(
        self: CalendarMemory, schedule: Schedule, current: HeldTask | None, at: int, others: AllCalendars
    ) -> Any:
        del at
        return for_schedule(self, schedule, current, NEVER, others)

    with mock.patch.object(CalendarMemory, "for_schedule", to_come):
        yield


def finished_by_a_calendar() -> Any:
    """A task that a calendar leaves no time is taken for one that has none."""
    return mock.patch.object(HeldTask, "_wait_for_the_last_time", return_value=None)


def never_finished_under_a_calendar() -> Any:
    """That a task is over is not found out where its calendars leave out the last times."""

    def wait(self: HeldTask, _after: int) -> None:
        self.next_due, self.next_nominal = END_OF_TIME, SEARCH_AGAIN

    return mock.patch.object(HeldTask, "_wait_for_the_last_time", wait)
