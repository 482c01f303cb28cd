"""Mutations of what is done about runs: cancels, retries that are refused, repeats."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from unittest import mock

from tasker_core.events.task_event import RetryEvent
from tasker_core.messages.verdicts import EndReason, VerdictWord
from tasker_core.ticker_state import RunMemory, TaskTombstone
from tasker_ticker.scheduling.events import run_events
from tasker_ticker.scheduling.events.event_context import EventContext
from tasker_ticker.scheduling.memory.held_task import HeldTask
from tasker_ticker.scheduling.memory.tombstones import Tombstones
from tasker_ticker.scheduling.records import BatchRecords
from tasker_ticker.scheduling.state import PartitionState

# What is patched is private to the ticker.
# pyright: reportPrivateUsage=false


@contextmanager
def cancel_only_with_its_task() -> Generator[None]:
    """A cancel whose task is deleted reaches no executor."""
    cancel = run_events.cancel

    def with_task(context: EventContext, run_id: str | None) -> None:
        if context.current is None:
            context.answer("accepted", None)
        else:
            cancel(context, run_id)

    with mock.patch.object(run_events, "cancel", with_task):
        yield


@contextmanager
def malformed_not_reported() -> Generator[None]:
    """A run whose retry breaks the contract waits for its next attempt for ever."""
    retry = run_events.retry

    def well_formed_only(*given: Any, malformed: bool = False) -> VerdictWord:
        return "rejected" if malformed else retry(*given)

    with mock.patch.object(run_events, "retry", well_formed_only):
        yield


@contextmanager
def cancel_of_all_forgotten() -> Generator[None]:
    """A retry that crosses a cancel of all runs is accepted."""
    refusal = run_events.refusal

    def forgetful(context: EventContext, memory: RunMemory, event: RetryEvent) -> EndReason | None:
        return refusal(context, memory, replace(event, emitted_ms=1 << 60))

    with mock.patch.object(run_events, "refusal", forgetful):
        yield


@contextmanager
def cancel_of_all_not_remembered() -> Generator[None]:
    """A restart does not know that all runs of a task were cancelled."""
    to_state = HeldTask.to_state

    def forgetful(self: HeldTask) -> bytes:
        at, self.cancelled_ms = self.cancelled_ms, None
        try:
            return to_state(self)
        finally:
            self.cancelled_ms = at

    with mock.patch.object(HeldTask, "to_state", forgetful):
        yield


def later_ones_cancelled() -> Any:
    """A run that comes after a cancel of all in the same batch says the same time, and counts as cancelled."""

    def at_that_time(self: BatchRecords, _cancelled_ms: int | None) -> str:
        return self._emitted_at

    return mock.patch.object(BatchRecords, "_emitted_after", at_that_time)


def request_not_remembered() -> Any:
    """A trigger or backfill that comes again, when the task has forgotten its id, is carried out again."""
    return mock.patch.object(PartitionState, "remember_request", return_value=None)


def delete_forgotten() -> Any:
    """An event that is older than the delete of its task, and came by way of another partition, creates it again."""
    return mock.patch.object(Tombstones, "outdates", return_value=False)


def delete_not_remembered() -> Any:
    """A restart does not know of deletes."""

    def forget(self: BatchRecords, task_id: str, _tombstone: TaskTombstone) -> None:
        self.delete_task(task_id)

    return mock.patch.object(BatchRecords, "store_tombstone", forget)


@contextmanager
def trigger_with_the_own_payload() -> Generator[None]:
    """A triggered run gets the task's own payload instead of the trigger's."""
    trigger = run_events.trigger

    def without(context: EventContext, event: Any, task: HeldTask) -> None:
        trigger(context, mock.Mock(wraps=event, has_payload=False), task)

    with mock.patch.object(run_events, "trigger", without):
        yield
