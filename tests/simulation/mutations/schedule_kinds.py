"""Mutations of what schedules mean: of joined members, of calendar intervals, of tasks that only are triggered."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from unittest import mock

from tasker_core.schedules.anchors import anchored
from tasker_core.schedules.kinds.calendar_interval import CalendarTimes
from tasker_core.schedules.kinds.merged_times import MergedTimes
from tasker_core.schedules.occurrences import Occurrence
from tasker_core.schedules.schedule import Schedule
from tasker_core.time.calendar_period import MonthWalls
from tasker_core.time.wall_times import ZonedTimes
from tasker_ticker.scheduling.batch import Lane
from tasker_ticker.scheduling.events import task_events
from tasker_ticker.scheduling.memory.held_task import HeldTask
from tasker_ticker.scheduling.records import BatchRecords
from tasker_ticker.scheduling.state import PartitionState

# What is patched is private to the engine and the ticker.
# pyright: reportPrivateUsage=false


@contextmanager
def fires_for_each_member() -> Generator[None]:
    """A time that several members have is a run for each."""
    emit_run = PartitionState.emit_run

    def emit_for_each(self: PartitionState, task: HeldTask, at: Occurrence, lane: Lane, records: BatchRecords) -> None:
        for _ in task.schedule.members_at(at.nominal) or [0]:
            emit_run(self, task, at, lane, records)

    with mock.patch.object(PartitionState, "emit_run", emit_for_each):
        yield


def last_member_forgotten() -> Any:
    """Of several members, the last one never fires."""

    def next_after(self: MergedTimes, after: int) -> int:
        return min(times.next_after(after) for times in self._times[:-1] or self._times)

    return mock.patch.object(MergedTimes, "next_after", next_after)


@contextmanager
def drifts_from_its_anchor() -> Generator[None]:
    """Once a month was too short for the day of the anchor, the day stays the shorter month's."""
    wall = MonthWalls._wall

    def shorter(self: MonthWalls, month: int) -> int:
        return wall(replace(self, day=min(self.day, 28)) if month > self.first else self, month)

    with mock.patch.object(MonthWalls, "_wall", shorter):
        yield


@contextmanager
def counted_anew_by_an_edit() -> Generator[None]:
    """What an edit leaves out is not as it was before."""

    def from_now(schedule: Schedule, creation: int, before: Schedule | None = None) -> Schedule:
        del before
        return anchored(schedule, creation)

    with mock.patch.object(task_events, "anchored", from_now):
        yield


def lost_in_a_gap() -> Any:
    """A fixed time that a clock change skips does not fire, whatever the schedule says."""
    return mock.patch.object(ZonedTimes, "_fires_after_gap", return_value=False)


@contextmanager
def twice_in_a_fold() -> Generator[None]:
    """A time of the day that a clock shows twice fires twice, whatever the schedule says."""
    times = CalendarTimes.zoned_times.fget
    assert times is not None

    def both(self: CalendarTimes) -> ZonedTimes:
        return replace(times(self), fold="both")

    with mock.patch.object(CalendarTimes, "zoned_times", property(both)):
        yield


@contextmanager
def manual_finished() -> Generator[None]:
    """A task that only is triggered is taken for one that has no occurrence left."""
    is_over = PartitionState._is_over

    def over_without_times(self: PartitionState, task: HeldTask) -> bool:
        manual, task.shared_schedule.manual = task.shared_schedule.manual, False
        try:
            return is_over(self, task)
        finally:
            task.shared_schedule.manual = manual

    with mock.patch.object(PartitionState, "_is_over", over_without_times):
        yield
