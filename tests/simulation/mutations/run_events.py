"""Bugs on purpose in what is done about runs: cancels, retries that are refused, repeats."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from unittest import mock

from tasker_core.events.task_event import RetryEvent
from tasker_core.messages import EndReason, VerdictWord
from tasker_core.ticker_state import RunMemory, TaskTombstone
from tasker_ticker.scheduling.events import run_events as run_changes
from tasker_ticker.scheduling.events import task_events as changes
from tasker_ticker.scheduling.events.run_events import retry
from tasker_ticker.scheduling.events.task_events import Change
from tasker_ticker.scheduling.memory.held_task import Held
from tasker_ticker.scheduling.memory.tombstones import GoneTasks
from tasker_ticker.scheduling.records import Emission
from tasker_ticker.scheduling.state import State

# What is patched is private to the ticker.
# pyright: reportPrivateUsage=false


@contextmanager
def cancel_only_with_its_task() -> Generator[None]:
    """A cancel whose task is gone reaches no executor."""
    cancel = Change._cancel

    def with_task(self: Change, run_id: str | None, task: Held | None) -> None:
        if task is None:
            self._answer("accepted", None)
        else:
            cancel(self, run_id, task)

    with mock.patch.object(Change, "_cancel", with_task):
        yield


@contextmanager
def malformed_without_a_word() -> Generator[None]:
    """A run whose retry breaks the contract waits for its next attempt for ever."""

    def well_formed_only(*given: Any, malformed: bool = False) -> VerdictWord:
        return "rejected" if malformed else retry(*given)

    with mock.patch.object(changes, "retry", well_formed_only):
        yield


@contextmanager
def cancel_of_all_forgotten() -> Generator[None]:
    """A retry that crosses a cancel of all runs is taken."""
    why_not = run_changes._why_not

    def forgetful(state: State, known: RunMemory, event: RetryEvent) -> EndReason | None:
        return why_not(state, known, replace(event, emitted_ms=1 << 60))

    with mock.patch.object(run_changes, "_why_not", forgetful):
        yield


@contextmanager
def cancel_of_all_not_remembered() -> Generator[None]:
    """A restart does not know that all runs of a task were cancelled."""
    state = Held.state

    def forgetful(self: Held) -> bytes:
        at, self.cancelled_ms = self.cancelled_ms, None
        try:
            return state(self)
        finally:
            self.cancelled_ms = at

    with mock.patch.object(Held, "state", forgetful):
        yield


def later_ones_cancelled() -> Any:
    """A run that comes after a cancel of all in the same turn says the same time, and counts as cancelled."""

    def at_that_time(self: Emission, _cancelled_ms: int | None) -> str:
        return self._emitted_at

    return mock.patch.object(Emission, "_emitted_after", at_that_time)


def made_not_remembered() -> Any:
    """A trigger or backfill that comes again, when the task has forgotten its id, is carried out again."""
    return mock.patch.object(State, "remember_asked", return_value=None)


def delete_forgotten() -> Any:
    """An event that is older than the delete of its task, and came by way of another partition, brings it back."""
    return mock.patch.object(GoneTasks, "is_older", return_value=False)


def delete_not_remembered() -> Any:
    """A restart does not know of deletes."""

    def forget(self: Emission, task_id: str, _gone: TaskTombstone) -> None:
        self.forget(task_id)

    return mock.patch.object(Emission, "remember_gone", forget)
