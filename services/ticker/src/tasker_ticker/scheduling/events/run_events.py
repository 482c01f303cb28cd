"""PURE. Events about runs: trigger, cancel, retry, backfill, and the end of a run that starts another one."""

from typing import Final

import msgspec
from msgspec import Raw
from msgspec.structs import replace

from tasker_core.chains.links import start_error
from tasker_core.errors import FieldError
from tasker_core.events.callback_events import WaitEvent
from tasker_core.events.chain_event import ChainEvent
from tasker_core.events.task_event import BackfillEvent, ChangeEvent, RetryEvent
from tasker_core.handlers.triggered_payload import triggered_payload
from tasker_core.messages.verdicts import EndReason, VerdictWord
from tasker_core.schedules.kinds.manual import NO_TIMES_TO_CATCH_UP_ON
from tasker_core.schedules.occurrences import Occurrence
from tasker_core.task import size_errors
from tasker_core.ticker_state import BackfillState, PendingAttempt, RunMemory
from tasker_ticker.scheduling.events.event_context import EventContext
from tasker_ticker.scheduling.memory.backfills import backfill_name
from tasker_ticker.scheduling.memory.held_task import HeldTask
from tasker_ticker.scheduling.records import chained_run_id

OF_ANOTHER_TASK: Final = FieldError(pointer="/run_id", message="is a run of another task")


def trigger(context: EventContext, event: ChangeEvent, task: HeldTask) -> None:
    """Run a task now."""
    payload = None
    if event.has_payload:
        given = triggered_payload(task.task.handler, task.task.payload, event.payload)
        # Only what is wrong with the payload: a handler that is not announced any more is the task's own matter.
        found = size_errors(given) or context.config.handler_errors(task.task.handler, given)
        if errors := [error for error in found if error.pointer.startswith("/payload")]:
            context.reject(*errors)
            return
        payload = Raw(msgspec.json.encode(given))
    if context.was_requested(task, "manual"):
        context.answer("superseded", task)
        return
    at = Occurrence(context.at, context.at)
    run_id = context.records.add_run(
        task,
        at,
        kind="manual",
        event_id=context.event_id,
        payload=payload,
        # Many at once wait behind what is due.
        lane="due-tasks" if context.origin.change_set is None else "due-background",
        traceparent=_traceparent(context),
    )
    context.state.alerts.run_emitted(task, context.at, run_id)
    context.state.remember_request(task.id, task.generation, "manual", context.event_id, context.records)
    context.remember_event(task)
    context.records.store_task(task)
    context.answer("accepted", task, run_id=run_id)


def follow(context: EventContext, event: ChainEvent, task: HeldTask) -> None:
    """Run a task, because a run of another one has ended.

    The run is remembered by its id, which follows from the event alone: an end that is reported again starts nothing,
    and even when it is forgotten, nothing but the same run once more.
    """
    context.note, run_id = reason(event), chained_run_id(task, context.event_id, event)
    if context.state.runs.get(run_id) is not None:
        context.answer("superseded", task)
    elif error := start_error(event.chain, task.id):
        context.reject(FieldError(pointer="/chain", message=error))
    elif task.paused:
        _remember(context, run_id)  # it is final: a resume starts nothing that ended before
        message = "the task is paused, so it is not started; trigger it to run it all the same"
        context.reject(FieldError(pointer="/task_id", message=message))
    else:
        context.records.add_run(
            task,
            Occurrence(context.at, context.at),
            kind="chained",
            event_id=context.event_id,
            lane="due-background" if event.late else "due-tasks",
            traceparent=_traceparent(context),
            started_by=event,
        )
        context.state.alerts.run_emitted(task, context.at, run_id)
        _remember(context, run_id)
        context.answer("accepted", task, run_id=run_id)


def _remember(context: EventContext, run_id: str) -> None:
    memory = RunMemory(task_id=context.origin.task_id, changed_at=context.records.now)
    context.state.remember_run(run_id, memory, context.records)


def reason(event: ChainEvent) -> str:
    """Why a run is started, for the journal."""
    after = event.after
    return f"after run {after.run_id} of {after.task_id}, due nominally at {after.nominal_at}: {after.outcome}"


def cancel(context: EventContext, run_id: str | None) -> None:
    """Cancel one run, or all unfinished ones of a task: a pending attempt ends here, executors get the cancel.

    The task may be deleted, or unknown: runs that were emitted go on without it. A run that is not known yet is taken
    for one of this task, and a cancel of it means none of another. A retry that an executor requests
    before it reads the cancel is rejected (`retry`).
    """
    state, records, task_id = context.state, context.records, context.origin.task_id
    known = None if run_id is None else state.runs.get(run_id)
    if known is not None and known.task_id != task_id:
        context.reject(OF_ANOTHER_TASK)
        return
    for pending_id, pending in state.runs.pending_of(task_id):
        if run_id in (None, pending_id):
            state.end_attempt(pending_id, pending, "cancelled", records)
    if run_id is not None:
        memory = state.runs.get(run_id) or RunMemory(task_id=task_id, changed_at=context.at)
        state.remember_run(run_id, replace(memory, cancelled=True, changed_at=context.at), records)
    elif (task := state.tasks.get(task_id)) is not None:
        task.cancelled_ms = _emitted_up_to(context)
    records.add_cancel(task_id, run_id)
    if context.current is not None:
        context.remember_event(context.current)
        records.store_task(context.current)
    context.answer("accepted", context.current)


def _emitted_up_to(context: EventContext) -> int:
    """Up to which millisecond earlier runs may say to be emitted, by a clock that was set back meanwhile too."""
    decided_ms = context.state.position.second * 1000
    return context.records.built_ms if context.records.built_ms >= decided_ms else decided_ms + 999


def retry(context: EventContext, event: RetryEvent, *, malformed: bool = False) -> VerdictWord:
    """Accept an executor's next attempt of a run; one that is rejected ends its run here."""
    state, records, at, run = context.state, context.records, context.at, event.run
    pending = PendingAttempt(run=run, attempt=event.attempt, at=max(event.retry_at, at))
    known = state.runs.of_task(run.run_id, run.task_id)
    memory = known or RunMemory(task_id=run.task_id, attempt=run.attempt, changed_at=at)
    if event.attempt <= memory.attempt or (memory.pending and event.attempt <= memory.pending.attempt):
        return "superseded"
    is_past = memory.report is not None and memory.report.attempt < event.attempt
    report = None if is_past else memory.report  # of an attempt that ended otherwise
    if reason := "refused" if malformed else refusal(context, memory, event):
        state.end_run(pending, reason, records)
        ended = replace(memory, attempt=event.attempt, pending=None, report=report, changed_at=at)
        state.remember_run(run.run_id, ended, records)
        return "rejected"
    state.remember_run(run.run_id, replace(memory, pending=pending, report=report, changed_at=at), records)
    return "accepted"


def refusal(context: EventContext, memory: RunMemory, event: RetryEvent | WaitEvent) -> EndReason | None:
    """Why a run does not go on, neither with another attempt nor with a report of this one."""
    task = context.state.tasks.get(event.run.task_id)
    if memory.cancelled:
        return "cancelled"
    if event.run.kind == "alert":
        return None  # it is of no task
    if task is None or task.generation != event.run.generation:
        return "deleted"
    return "cancelled" if task.cancelled_ms is not None and event.emitted_ms <= task.cancelled_ms else None


def backfill(context: EventContext, event: BackfillEvent, task: HeldTask) -> None:
    """Begin to run past nominal times."""
    name = backfill_name(task.id, context.event_id)
    if name in context.state.backfills.states or context.was_requested(task, "backfill"):
        context.answer("superseded", task)
        return
    if error := _backfill_error(event, task, context.at):
        context.reject(error)
        return
    state = BackfillState(
        task_id=task.id,
        generation=task.generation,
        rate=event.rate,
        cursor=None if event.start is None else event.start - 1,
        end=event.end,
        times=event.times,
        traceparent=_traceparent(context),
    )
    context.state.backfills.put(name, state)
    context.records.store_backfill(name, state)
    context.remember_event(task)
    context.records.store_task(task)
    context.answer("accepted", task)


def _traceparent(context: EventContext) -> str | None:
    """What runs that the event asks for link to."""
    trace = context.origin.recorded_trace
    return None if trace is None else trace.traceparent


def _backfill_error(event: BackfillEvent, task: HeldTask, at: int) -> FieldError | None:
    """What is wrong with a backfill that is not of the past only, or of a task without times of its own."""
    if task.shared_schedule.manual:
        return FieldError(pointer="/task_id", message=NO_TIMES_TO_CATCH_UP_ON)
    message = "lies in the future; what is to come is the schedule's"
    if event.end is not None and event.end > at + 1:
        return FieldError(pointer="/end", message=message)
    if event.times and event.times[-1] > at:
        return FieldError(pointer=f"/times/{len(event.times) - 1}", message=message)
    return None
