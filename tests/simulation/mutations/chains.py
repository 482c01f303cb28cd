"""Mutations of chains: what the end of a run starts, and which definitions are refused for it."""

from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from unittest import mock

from msgspec.structs import replace

from tasker_core.chains.graph import ChainGraph
from tasker_core.events.chain_event import ChainEvent
from tasker_ticker.scheduling.events import event_dispatch, run_events, task_events
from tasker_ticker.scheduling.events.event_context import EventContext
from tasker_ticker.scheduling.memory.held_task import HeldTask
from tasker_ticker.scheduling.records import BatchRecords
from tasker_ticker.scheduling.state import PartitionState


def start_not_remembered() -> Any:
    """An end that is reported again starts what follows again."""
    return mock.patch.object(run_events, "_remember", return_value=None)


def circle_not_refused_at_run_time() -> Any:
    """A run starts a task from which it came."""
    return mock.patch.object(run_events, "start_error", return_value=None)


def circle_not_refused_when_saved() -> Any:
    """A definition may close a circle."""
    return mock.patch.object(task_events, "chain_errors", return_value=[])


@contextmanager
def paused_task_started() -> Generator[None]:
    """The end of a run starts a task that is paused."""
    follow = run_events.follow

    def started(context: EventContext, event: ChainEvent, task: HeldTask) -> None:
        definition, task.task = task.task, replace(task.task, paused=False)
        try:
            follow(context, event, task)
        finally:
            task.task = definition

    with mock.patch.object(run_events, "follow", started):
        yield


def start_outdated_by_an_edit() -> Any:
    """The end of a run that came by way of another partition is lost when what follows was changed meanwhile."""
    return mock.patch.object(event_dispatch, "_ABOUT_RUNS", ("retry", "cancel"))


@contextmanager
def links_of_deleted_tasks_stay() -> Generator[None]:
    """Other partitions never hear that a task starts nothing any more."""
    store = BatchRecords.store_successors

    def store_some(self: BatchRecords, task_id: str, successors: Sequence[str]) -> None:
        if successors:
            store(self, task_id, successors)

    with mock.patch.object(BatchRecords, "store_successors", store_some):
        yield


@contextmanager
def links_forgotten_at_restore() -> Generator[None]:
    """A new owner does not know what the tasks of its partition start."""
    schedule_restored = PartitionState.schedule_restored

    def forgetful(self: PartitionState) -> Iterator[None]:
        yield from schedule_restored(self)
        self.chains = ChainGraph()

    with mock.patch.object(PartitionState, "schedule_restored", forgetful):
        yield
