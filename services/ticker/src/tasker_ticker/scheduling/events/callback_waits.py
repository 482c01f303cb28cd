"""PURE. Attempts that wait for their callback: each ends exactly once, by the first report, in time, or by a cancel.

A wait is a pending attempt (ticker_state.py) whose end is to come. The report may come first: the target reports on
another connection than the one on which it answers. It is remembered, then, until the executor's wait arrives.
"""

from msgspec.structs import replace

from tasker_core.errors import FieldError
from tasker_core.events.callback_events import ReportEvent, WaitEvent
from tasker_core.messages.runs import RunError
from tasker_core.messages.verdicts import VerdictWord
from tasker_core.ticker_state import CallbackReport, PendingAttempt, RunMemory, Wait
from tasker_core.time.instant import rfc3339, rfc3339_second
from tasker_ticker.scheduling.events.event_context import EventContext
from tasker_ticker.scheduling.events.run_events import OF_ANOTHER_TASK, refusal


def wait(context: EventContext, event: WaitEvent, *, malformed: bool = False) -> VerdictWord:
    """Let an attempt wait for its report; one that is refused ends its run here."""
    state, records, at, run = context.state, context.records, context.at, event.run
    known = state.runs.of_task(run.run_id, run.task_id)
    memory = known or RunMemory(task_id=run.task_id, attempt=run.attempt, changed_at=at)
    if run.attempt <= memory.waited or run.attempt < memory.attempt or memory.pending is not None:
        return "superseded"
    until = max(event.until, at)
    pending = PendingAttempt(run, run.attempt, until, Wait(event.received_at, event.started_at, event.lane))
    if reason := "refused" if malformed else refusal(context, memory, event):
        state.end_run(pending, reason, records)
        ended = replace(memory, attempt=run.attempt, waited=run.attempt, report=None, changed_at=at)
        state.remember_run(run.run_id, ended, records)
        return "rejected"
    if memory.report is not None and memory.report.attempt == run.attempt:
        state.end_wait(run.run_id, pending, memory.report, records)
    else:
        waiting = replace(memory, attempt=run.attempt, pending=pending, report=None, changed_at=at)
        state.remember_run(run.run_id, waiting, records)
    return "accepted"


def report(context: EventContext, event: ReportEvent) -> None:
    """Take the first report of an attempt: it ends the wait, or is remembered until the attempt waits."""
    state, task = context.state, context.current
    memory = state.runs.get(event.run_id)
    if memory is not None and memory.task_id != context.origin.task_id:
        if not _is_bare_cancel(memory):
            context.reject(OF_ANOTHER_TASK)
            return
        memory = None  # whoever cancelled may have named any id
    if memory is not None and _is_too_late(memory, event.attempt):
        context.answer("superseded", task)
        return
    if task is None:
        context.reject(FieldError(pointer="/task_id", message="no such task"))
        return
    reported_at = rfc3339(context.appended.ms)
    found = CallbackReport(event.attempt, event.outcome, reported_at, event.result, event.error)
    pending = None if memory is None else memory.pending
    if pending is not None and pending.wait is not None and pending.attempt == event.attempt:
        state.end_wait(event.run_id, pending, found, context.records)
    else:
        early = memory or RunMemory(task_id=task.id, changed_at=context.at)
        state.remember_run(event.run_id, replace(early, report=found, changed_at=context.at), context.records)
    context.answer("accepted", task)


def overdue_report(pending: PendingAttempt) -> CallbackReport:
    """What stands for the report that did not come in time."""
    until = rfc3339_second(pending.at)
    message = (
        f"no report came until {until}: call the URL in Tasker-Callback-Url earlier, or give callback.timeout more"
    )
    return CallbackReport(pending.attempt, "failed", until, error=RunError("timeout", message))


def _is_bare_cancel(memory: RunMemory) -> bool:
    """Whether all that is remembered is that a task's run of this id was cancelled."""
    return memory == RunMemory(task_id=memory.task_id, cancelled=True, changed_at=memory.changed_at)


def _is_too_late(memory: RunMemory, attempt: int) -> bool:
    """Whether the end of an attempt is known: reported, out of time, cancelled, or followed by another attempt."""
    known = attempt <= memory.waited or attempt < memory.attempt
    replaced = memory.pending is not None and attempt < memory.pending.attempt
    return memory.cancelled or known or replaced or (memory.report is not None and memory.report.attempt == attempt)
