"""Mutations of the count of failures in a row."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from tasker_core.events.task_event import OutcomeEvent
from tasker_ticker.scheduling.events import task_events
from tasker_ticker.scheduling.events.event_context import EventContext
from tasker_ticker.scheduling.memory.failure_streak import FailureCounter
from tasker_ticker.scheduling.memory.held_task import HeldTask


@contextmanager
def success_ignored() -> Generator[None]:
    """A success does not set the count to 0."""
    count = FailureCounter.count

    def only_failures(self: FailureCounter, outcome: OutcomeEvent) -> bool:
        return outcome.failed and count(self, outcome)

    with mock.patch.object(FailureCounter, "count", only_failures):
        yield


def counted_twice() -> Any:
    """A run whose outcome is reported again counts again."""

    def count(self: FailureCounter, outcome: OutcomeEvent) -> bool:
        run = (outcome.effective, outcome.run_id)
        still_failed = tuple(other for other in self.failed if other > run)
        self.failed = (*self.failed, run) if outcome.failed else still_failed
        return True

    return mock.patch.object(FailureCounter, "count", count)


def order_of_outcomes() -> Any:
    """A success of an older run sets the count to 0, too."""

    def count(self: FailureCounter, outcome: OutcomeEvent) -> bool:
        run = (outcome.effective, outcome.run_id)
        self.failed = (*(other for other in self.failed if other != run), run) if outcome.failed else ()
        return True

    return mock.patch.object(FailureCounter, "count", count)


@contextmanager
def success_not_written() -> Generator[None]:
    """A restart does not know of a success that ended no streak, though a run before it may be unfinished."""
    count = FailureCounter.count

    def forgetful(self: FailureCounter, outcome: OutcomeEvent) -> bool:
        failed = self.failed
        return count(self, outcome) and self.failed != failed

    with mock.patch.object(FailureCounter, "count", forgetful):
        yield


@contextmanager
def not_remembered() -> Generator[None]:
    """A restart knows of no failure."""
    to_state = HeldTask.to_state

    def forgetful(self: HeldTask) -> bytes:
        if (failures := self.failures) is None:
            return to_state(self)
        self.failures = FailureCounter(failures.to_state().since)
        try:
            return to_state(self)
        finally:
            self.failures = failures

    with mock.patch.object(HeldTask, "to_state", forgetful):
        yield


@contextmanager
def kept_through_a_resume() -> Generator[None]:
    """A task that goes on goes on counting."""
    set_paused = task_events.set_paused

    def keep(context: EventContext, task: HeldTask, *, paused: bool) -> None:
        failures = task.failures
        set_paused(context, task, paused=paused)
        task.failures = failures

    with mock.patch.object(task_events, "set_paused", keep):
        yield
