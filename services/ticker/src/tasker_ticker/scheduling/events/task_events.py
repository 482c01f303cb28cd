"""PURE. Events that change a task: put, delete, pause, resume, and the outcome of a run that pauses it."""

import dataclasses
from typing import Final

from msgspec import UNSET
from msgspec.structs import replace

from tasker_core.chains.graph import chain_errors
from tasker_core.errors import FieldError
from tasker_core.events.task_event import ChangeEvent, OutcomeEvent
from tasker_core.schedules.anchors import anchored
from tasker_core.schedules.effective_schedule import hand_over
from tasker_core.schedules.reachability import ONE_TIME_SECONDS, unreachable_errors
from tasker_core.schedules.schedule import NEVER
from tasker_core.task import Task
from tasker_core.ticker_state import TaskTombstone, accepted_task
from tasker_core.trace_context import packed
from tasker_ticker.scheduling.events.event_context import EventContext
from tasker_ticker.scheduling.memory.chain_links import KnownLinks
from tasker_ticker.scheduling.memory.failure_streak import FailureCounter, pause_note
from tasker_ticker.scheduling.memory.held_task import HeldTask
from tasker_ticker.scheduling.memory.shared_schedule import CalendarVersions

TASKER: Final = "tasker"
"""Who pauses a task that fails too often."""


def put(context: EventContext, event: ChangeEvent) -> None:
    """Create a task, or give it another definition."""
    assert event.task is not None, "a put carries a task"
    task, current = _completed(context, event.task), context.current
    calendars, errors = context.calendars_of(task.schedule)
    if errors:
        context.reject(*errors)
        return
    new = _new_task(context, task, calendars)
    unchanged = current is not None and current.shared_schedule.same_as(new.shared_schedule)
    same = current is not None and unchanged and current.shared_schedule.versions == new.shared_schedule.versions
    errors = [] if unchanged else _schedule_errors(context, new)
    if errors := [*errors, *_chain_errors(context, new)]:
        context.reject(*errors)
        return
    at_once = NEVER
    if current is not None:
        at_once = _take_over(context, current, new, same_schedule=same)
    elif new.over_at <= context.at:
        at_once = new.over_at - new.offset
    if new.task.max_consecutive_failures is not UNSET:
        failures = current.failures if current and current.task == new.task else None
        new.failures = failures or FailureCounter(context.version)
    context.state.set_successors(new.id, new.task.successors, context.records)
    context.remember_event(new)
    context.accept_change(new)
    if at_once != NEVER and not new.paused and new.runs_left():
        context.state.emit_at_once(new, at_once, context.at, context.records)
    context.state.finish_if_over(new, context.records)
    if same and new.finished_at is not None and calendars:  # that it has no next time says less of such a task
        context.state.report_finished(new, context.records)
    if current is not None:
        told_others = current.task.notify != new.task.notify
        context.state.alerts.define(new, changed=not _same_work(current, new), told_others=told_others)


def _same_work(current: HeldTask, new: HeldTask) -> bool:
    """Whether two definitions of a task differ in nothing but in who is told."""
    return replace(current.task, notify=UNSET) == replace(new.task, notify=UNSET)


def _new_task(context: EventContext, task: Task, calendars: CalendarVersions) -> HeldTask:
    current, definition = context.current, accepted_task(task)
    if task.paused:
        pause = current.task.pause if current and current.paused else context.pause()
        definition = replace(definition, pause=pause)
    generation = current.generation if current else context.version
    new = HeldTask(
        definition,
        context.state.schedules,
        generation=generation,
        version=context.version,
        since=context.at,
        calendars=calendars,
    )
    if (trace := context.origin.recorded_trace) is not None:
        new.trace = packed(trace)
    return new


def _take_over(context: EventContext, current: HeldTask, new: HeldTask, *, same_schedule: bool) -> int:
    """Continue a task under another definition; returns the nominal time that runs at once under it, or NEVER."""
    at_once = NEVER
    new.recent_events, new.runs_done, new.cancelled_ms = current.recent_events, current.runs_done, current.cancelled_ms
    new.foreign = current.foreign
    if same_schedule:
        new.finished_at, new.after_nominal = current.finished_at, current.after_nominal
    else:
        handover = hand_over(current.effective_schedule, new.schedule, new.offset, context.at)
        new.after_nominal, at_once = handover.current.after_nominal, handover.run_at_once
    if same_schedule and current.paused == new.paused:
        new.since = current.since
    else:
        context.state.miss_open_gaps(current, "changed" if not same_schedule else "paused", context.records)
    if same_schedule and current.paused != new.paused:
        new.after_nominal = current.effective_schedule.last_decided(context.at)
    return at_once


def _schedule_errors(context: EventContext, new: HeldTask) -> list[FieldError]:
    """Why a new schedule is rejected: it has no occurrence that could run."""
    if context.current is not None:
        return unreachable_errors(new.schedule, context.at, new.offset, context.current.runs_done)
    if new.over_at <= context.at <= new.over_at - new.offset + ONE_TIME_SECONDS:
        return []  # it runs at once
    return unreachable_errors(new.schedule, context.at, new.offset)


def _chain_errors(context: EventContext, new: HeldTask) -> list[FieldError]:
    """Why other successors are rejected: they close a circle, or let a chain grow too far."""
    own, config, successors = context.state.chains, context.config, new.task.successors
    if not successors or tuple(own.successors(new.id)) == successors:
        return []
    links = KnownLinks(config.partition, config.partitions, own, config.chains)
    errors = chain_errors(links, new.id, successors)
    context.records.batch.links += links.followed
    return errors


def _completed(context: EventContext, task: Task) -> Task:
    """The task with what it leaves out: as it was before, or by default."""
    current = context.current
    schedule = anchored(task.schedule, context.at, current.schedule if current else None)
    paused = task.paused if task.paused is not None else current is not None and current.paused
    if schedule is task.schedule and bool(task.paused) is paused:
        return task  # as most are, and a copy takes long
    return task.model_copy(update={"schedule": schedule, "paused": paused})


def delete(context: EventContext, task: HeldTask) -> None:
    """Delete a task."""
    state, records = context.state, context.records
    state.miss_open_gaps(task, "deleted", records)
    foreign = task.foreign or context.forwarded
    tombstone = TaskTombstone(deleted=context.appended, at=context.at) if foreign else None
    state.delete_task(task, records, tombstone)
    context.answer("accepted", None, version=context.version, generation=task.generation)


def set_paused(context: EventContext, task: HeldTask, *, paused: bool) -> None:
    """Pause or resume, whatever it was before; either way failures are counted anew."""
    if paused:
        context.state.miss_open_gaps(task, "paused", context.records)
    if task.paused != paused:
        task.after_nominal, task.since = task.effective_schedule.last_decided(context.at), context.at
    task.task = replace(task.task, paused=paused, pause=context.pause() if paused else UNSET)
    task.version = context.version
    if task.failures is not None:
        task.failures = FailureCounter(context.version)
    context.accept_change(task)
    context.state.finish_if_over(task, context.records)
    context.state.alerts.define(task, changed=not paused)


def count_outcome(context: EventContext, outcome: OutcomeEvent) -> None:
    """Count the outcome of a run, and tell of it. There is no answer but to the failure that pauses the task.

    The id of the event need not be remembered: a repeated one is recognised by its run.
    """
    task = context.current
    if task is None or task.generation != outcome.generation:
        return
    alerts, now = context.state.alerts, context.records.now
    if task.task.notify is not UNSET:
        alerts.outcome_reported(task, outcome, context.appended.ms, now)
    if task.failures is None or outcome.outcome in ("cancelled", "skipped"):
        return
    if task.paused or task.finished_at is not None or not task.failures.count(outcome):
        return
    failures, limit = len(task.failures.failed), task.task.max_consecutive_failures
    if limit is not UNSET and failures >= limit:
        context.note = pause_note(failures, outcome)
        context.origin = dataclasses.replace(context.origin, actor=TASKER)
        set_paused(context, task, paused=True)
        alerts.paused(task, outcome, failures, now)
    else:
        context.records.store_task(task)
