"""Mutations of how events change tasks."""

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from typing import Any
from unittest import mock

from tasker_core.events.task_event import Rejection
from tasker_core.schedules.effective_schedule import EffectiveSchedule, Handover
from tasker_core.schedules.schedule import NEVER
from tasker_ticker.scheduling import scheduler
from tasker_ticker.scheduling.batch import TransactionBatch
from tasker_ticker.scheduling.events import event_dispatch, task_events
from tasker_ticker.scheduling.events.event_context import EventContext
from tasker_ticker.scheduling.memory.held_task import HeldTask
from tasker_ticker.scheduling.records import BatchRecords
from tasker_ticker.scheduling.scheduler import Scheduler
from tasker_ticker.scheduling.scheduler_inputs import IncomingEvent, SchedulerConfig
from tasker_ticker.scheduling.state import PartitionState


def _effective_at(second: Callable[[PartitionState, IncomingEvent], int]) -> Any:
    begin = EventContext.__init__

    def init(
        self: EventContext,
        config: SchedulerConfig,
        state: PartitionState,
        incoming: IncomingEvent,
        records: BatchRecords,
    ) -> None:
        begin(self, config, state, incoming, records)
        self.at = second(state, incoming)

    return mock.patch.object(EventContext, "__init__", init)


def retroactive_edit() -> Any:
    """An event takes effect at its append time, whatever was emitted since."""
    return _effective_at(lambda state, incoming: min(state.position.second, incoming.appended.ms // 1000))


def edit_lost_in_its_spread() -> Any:
    """An occurrence between its nominal and its effective time is lost by an edit."""

    def hand_over(_old: EffectiveSchedule, schedule: Any, offset: int, at: int) -> Handover:
        return Handover(EffectiveSchedule(schedule, offset, at, at), NEVER)

    return mock.patch.object(task_events, "hand_over", hand_over)


@contextmanager
def due_first_after_an_outage() -> Generator[None]:
    """After an outage, what is due goes before events."""
    next_batch = Scheduler.next_batch

    def never_recovering(
        self: Scheduler, now_ms: int, inbox: Sequence[IncomingEvent], *, recovering: bool = False, **options: Any
    ) -> TransactionBatch:
        del recovering
        return next_batch(self, now_ms, inbox, **options)

    with mock.patch.object(Scheduler, "next_batch", never_recovering):
        yield


def repeats_not_recognised() -> Any:
    """A task remembers no events."""
    return mock.patch.object(HeldTask, "remember_event", return_value=None)


def older_forwarded_event_wins() -> Any:
    """A forwarded event that is older than the last change of its task changes it."""
    return mock.patch.object(event_dispatch, "_is_outdated", return_value=False)


def nameless_not_answered() -> Any:
    """What names no task goes to the dead letters and gets no verdict."""
    apply = event_dispatch.apply_event

    def apply_others(
        config: SchedulerConfig, state: PartitionState, incoming: IncomingEvent, records: BatchRecords
    ) -> None:
        if not (isinstance(incoming.content, Rejection) and incoming.content.dead_letter):
            apply(config, state, incoming, records)

    return mock.patch.object(scheduler, "apply_event", apply_others)


@contextmanager
def resume_replays_the_pause() -> Generator[None]:
    """What was not run during a pause runs after it."""
    put_task = PartitionState.put_task

    def nothing_decided(self: EffectiveSchedule, _until: int) -> int:
        return self.after_nominal

    def put_as_of_before(self: PartitionState, task: HeldTask) -> None:
        if not task.paused and task.since == self.position.second:
            task.since -= 3
        put_task(self, task)

    with (
        mock.patch.object(EffectiveSchedule, "last_decided", nothing_decided),
        mock.patch.object(PartitionState, "put_task", put_as_of_before),
    ):
        yield
