"""PURE. Dispatches an event at the watermark: everything before it is decided, its change holds from here on."""

from msgspec import Raw

from tasker_core.errors import FieldError, TaskerError
from tasker_core.events.calendar_event import CalendarEvent
from tasker_core.events.callback_events import ReportEvent, WaitEvent
from tasker_core.events.chain_event import ChainEvent
from tasker_core.events.change_set_event import ChangeSetEvent
from tasker_core.events.task_event import (
    BackfillEvent,
    CancelEvent,
    ChangeEvent,
    OutcomeEvent,
    Rejection,
    RetryEvent,
    TaskEvent,
)
from tasker_core.messages.base import encode
from tasker_core.messages.verdicts import NO_TASK_EVENTS
from tasker_core.topics import partition_of
from tasker_ticker.scheduling.events import calendar_events, callback_waits, run_events, task_events
from tasker_ticker.scheduling.events.event_context import EventContext
from tasker_ticker.scheduling.memory.held_task import HeldTask
from tasker_ticker.scheduling.records import BatchRecords
from tasker_ticker.scheduling.scheduler_inputs import IncomingEvent, SchedulerConfig
from tasker_ticker.scheduling.state import PartitionState

_ABOUT_RUNS = ("retry", "cancel", "chain", "wait", "report")


class EventFailed(TaskerError):
    """An event, that of an offset, could not be decoded or applied, for a reason that nobody foresaw."""

    def __init__(self, offset: int, error: Exception) -> None:
        super().__init__(f"event {offset}: {type(error).__name__}: {error}")
        self.offset = offset


def apply_event(config: SchedulerConfig, state: PartitionState, incoming: IncomingEvent, records: BatchRecords) -> None:
    """Apply one event, and answer it. Raises EventFailed, after which the state is in doubt."""
    try:
        _apply(EventContext(config, state, incoming, records), incoming.content)
    except Exception as error:
        raise EventFailed(incoming.offset, error) from error


def _apply(context: EventContext, content: TaskEvent | Rejection) -> None:
    """Forward, reject, supersede or carry out."""
    current = context.current
    if isinstance(content, Rejection) and content.dead_letter is not None:
        context.reject(*content.errors)  # here, where it is: it names no task that could have another place
    elif partition_of(context.origin.task_id, context.config.partitions) != context.config.partition:
        context.answer("forwarded", None)  # the event decoder has forwarded it
    elif isinstance(content, CalendarEvent):
        calendar_events.apply(context, content)
    elif isinstance(content, ChangeSetEvent):
        _answer_change_set(context, content)
    elif isinstance(content, OutcomeEvent):
        task_events.count_outcome(context, content)
    elif (current is not None and context.event_id in current.recent_events) or _is_outdated(context):
        context.answer("superseded", current)
    elif isinstance(content, Rejection):
        if isinstance(content.refused, WaitEvent):
            callback_waits.wait(context, content.refused, malformed=True)
        elif content.refused is not None:
            run_events.retry(context, content.refused, malformed=True)
        context.reject(*content.errors)
    elif isinstance(content, ChangeEvent) and (error := _version_error(context, content)):
        context.reject(error)
    elif isinstance(content, ChangeEvent) and content.type == "put":
        context.note = content.note
        task_events.put(context, content)
    elif isinstance(content, RetryEvent):
        context.answer(run_events.retry(context, content), current)
    elif isinstance(content, WaitEvent):
        context.answer(callback_waits.wait(context, content), current)
    elif isinstance(content, ReportEvent):
        callback_waits.report(context, content)
    elif isinstance(content, CancelEvent):
        run_events.cancel(context, content.run_id)
    elif current is None:
        context.note = run_events.reason(content) if isinstance(content, ChainEvent) else None
        context.reject(FieldError(pointer="/task_id", message="no such task"))
    else:
        _carry_out(context, content, current)


def _carry_out(context: EventContext, content: ChangeEvent | BackfillEvent | ChainEvent, task: HeldTask) -> None:
    if isinstance(content, BackfillEvent):
        run_events.backfill(context, content, task)
        return
    if isinstance(content, ChainEvent):
        run_events.follow(context, content, task)
        return
    context.note = content.note
    if content.type == "delete":
        task_events.delete(context, task)
    elif content.type == "trigger":
        run_events.trigger(context, content, task)
    else:
        context.remember_event(task)
        task_events.set_paused(context, task, paused=content.type == "pause")


def _answer_change_set(context: EventContext, event: ChangeSetEvent) -> None:
    """Tell what is stated of a change-set: nothing is held of it, and the log puts together what was told."""
    context.note = event.note
    stated = Raw(encode(event.content.model_dump(mode="json", exclude_none=True)))
    context.answer("accepted", None, version=context.version, change_set_state=stated)


def _is_outdated(context: EventContext) -> bool:
    """Whether an event that was forwarded is older than the task's last change, or its delete.

    One about runs that were emitted is not: they go on whatever becomes of their task.
    """
    if not context.forwarded or context.origin.event_type in (*_ABOUT_RUNS, *NO_TASK_EVENTS):
        return False
    if context.current is None:
        return context.state.tombstones.outdates(context.origin.task_id, context.appended)
    return context.current.changed is not None and context.appended < context.current.changed


def _version_error(context: EventContext, event: ChangeEvent) -> FieldError | None:
    version = context.current.version if context.current else 0
    if event.if_version is None or event.if_version == version:
        return None
    actual = f"the task is at version {version}" if version else "no such task"
    return FieldError(pointer="/if_version", message=f"{actual}, not {event.if_version}")
