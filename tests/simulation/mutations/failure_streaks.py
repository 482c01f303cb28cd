"""Bugs on purpose in the count of failures in a row."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from tasker_core.events.task_event import OutcomeEvent
from tasker_ticker.scheduling.events.task_events import Change
from tasker_ticker.scheduling.memory.failure_streak import Row
from tasker_ticker.scheduling.memory.held_task import Held

# What is patched is private to the ticker, and its surroundings are untyped on purpose.
# pyright: reportPrivateUsage=false


@contextmanager
def success_ignored() -> Generator[None]:
    """A success does not set the count to 0."""
    count = Row.count

    def only_failures(self: Row, told: OutcomeEvent) -> bool:
        return told.failed and count(self, told)

    with mock.patch.object(Row, "count", only_failures):
        yield


def counted_twice() -> Any:
    """A run that is told of again counts again."""

    def count(self: Row, told: OutcomeEvent) -> bool:
        place = (told.effective, told.run_id)
        self.failed = (*self.failed, place) if told.failed else tuple(other for other in self.failed if other > place)
        return True

    return mock.patch.object(Row, "count", count)


def order_of_ends() -> Any:
    """A success of an older run sets the count to 0, too."""

    def count(self: Row, told: OutcomeEvent) -> bool:
        place = (told.effective, told.run_id)
        self.failed = (*(other for other in self.failed if other != place), place) if told.failed else ()
        return True

    return mock.patch.object(Row, "count", count)


@contextmanager
def success_not_written() -> Generator[None]:
    """A restart does not know of a success that ended no row, though a run before it may still be out."""
    count = Row.count

    def forgetful(self: Row, told: OutcomeEvent) -> bool:
        failed = self.failed
        return count(self, told) and self.failed != failed

    with mock.patch.object(Row, "count", forgetful):
        yield


@contextmanager
def not_remembered() -> Generator[None]:
    """A restart knows of no failure."""
    state = Held.state

    def forgetful(self: Held) -> bytes:
        if (row := self.row) is None:
            return state(self)
        self.row = Row(row.state().since)
        try:
            return state(self)
        finally:
            self.row = row

    with mock.patch.object(Held, "state", forgetful):
        yield


@contextmanager
def kept_through_a_resume() -> Generator[None]:
    """A task that goes on goes on counting."""
    set_paused = Change._set_paused

    def keep(self: Change, task: Held, *, paused: bool) -> None:
        row = task.row
        set_paused(self, task, paused=paused)
        task.row = row

    with mock.patch.object(Change, "_set_paused", keep):
        yield
