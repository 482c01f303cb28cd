"""PURE. The state of one partition: its watermark, tasks, tombstones, run memories, backfills and calendars.

Each change of it goes together with the records that store and report the change.
"""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final, Literal

from msgspec import UNSET
from msgspec.structs import replace

from tasker_core.chains.graph import ChainGraph
from tasker_core.ids import Kind
from tasker_core.messages.runs import RunError
from tasker_core.messages.verdicts import EndReason, MissedReason
from tasker_core.schedules.effective_schedule import EffectiveSchedule
from tasker_core.schedules.occurrences import Occurrence, effective_of
from tasker_core.schedules.schedule import NEVER
from tasker_core.ticker_state import (
    CallbackReport,
    PendingAttempt,
    RunMemory,
    TaskTombstone,
)
from tasker_ticker.scheduling.alerts.alert_monitor import AlertMonitor
from tasker_ticker.scheduling.batch import Lane
from tasker_ticker.scheduling.memory.agenda import Agenda
from tasker_ticker.scheduling.memory.backfills import BackfillQueue, event_id_of
from tasker_ticker.scheduling.memory.calendar_memory import CalendarMemory
from tasker_ticker.scheduling.memory.held_task import HeldTask
from tasker_ticker.scheduling.memory.run_memory import RunMemoryIndex, request_id
from tasker_ticker.scheduling.memory.shared_schedule import OneTimeSchedule
from tasker_ticker.scheduling.memory.tombstones import Tombstones
from tasker_ticker.scheduling.memory.watermark import CatchUpGap, WatermarkPosition
from tasker_ticker.scheduling.misfire import LIVE_SECONDS, MissedRange, missed_range, newest_first
from tasker_ticker.scheduling.records import BatchRecords
from tasker_ticker.scheduling.scheduling_limits import SchedulingLimits
from tasker_ticker.scheduling.stored_state import StoredState

SCHEDULED_AT_ONCE: Final = 500
"""So many tasks are put on the agenda, in 0.5 to 10 ms, before it may be the turn of others."""


class PartitionState:
    """One partition. After a failed transaction it is discarded, never used again."""

    def __init__(self, position: WatermarkPosition, stored: StoredState, limits: SchedulingLimits) -> None:
        self.position, self.limits, self.schedules = position, limits, stored.schedules
        self.tasks = stored.tasks
        self.tombstones = Tombstones(stored.tombstones)
        self.runs, self.backfills = RunMemoryIndex(stored.runs), BackfillQueue(stored.backfills)
        self.agenda, self.removals, self.chains = Agenda(), Agenda(), ChainGraph()
        self.alerts = AlertMonitor(self.tasks, stored.alerts, stored.alert_groups, limits)
        self.calendars = CalendarMemory(stored.calendars, stored.schedules.days)

    def schedule_restored(self) -> Iterator[None]:
        """Put the tasks that were restored on the agenda: all of them, before anything else is done, in portions."""
        self.tasks.begin_at(self.position)
        task_ids = iter(list(self.tasks))
        while some := list(islice(task_ids, SCHEDULED_AT_ONCE)):
            for task_id in self.tasks.schedule(some, self.agenda, self.removals, self.limits.finished_seconds):
                self._schedule_restored(self.tasks[task_id])
            yield
        self.tasks.end_schedule()

    def _schedule_restored(self, task: HeldTask) -> None:
        if task.shared_schedule.versions:
            self.calendars.enter(task)
        self._add_to_agenda(task)
        if task.task.then is not UNSET:
            self.chains.put(task.id, task.task.successors)
        if task.failures is not None:
            task.failures.mark_restart(self.position.deciding)
        if task.next_due == NEVER and self._is_over(task) and task.over_at < NEVER:
            task.finished_at = task.over_at  # of which nothing was written (finish_if_over)
            self.removals.add(task.id, self._removal(task))

    def put_task(self, task: HeldTask) -> None:
        """Hold a task and put its next occurrence after the watermark on the agenda."""
        if (before := self.tasks.get(task.id)) is not None:
            self._remove_from_agenda(before)
        else:
            self.tombstones.discard(task.id)
        if before is not task:
            if before is not None and before.shared_schedule.versions:
                self.calendars.leave(task.id, before.shared_schedule.versions)
            if task.shared_schedule.versions:
                self.calendars.enter(task)
        self.tasks[task.id] = task
        self._add_to_agenda(task)

    def _add_to_agenda(self, task: HeldTask) -> None:
        task.find_next(self.position.decided_of(task.id))
        self.agenda.add(task.id, task.next_due)
        if task.finished_at is not None:
            self.removals.add(task.id, self._removal(task))

    def _remove_from_agenda(self, task: HeldTask) -> None:
        self.agenda.remove(task.id, task.next_due)
        self.removals.remove(task.id, self._removal(task))

    def _removal(self, task: HeldTask) -> int:
        """The second at which a finished task is removed; NEVER for others."""
        return NEVER if task.finished_at is None else task.finished_at + self.limits.finished_seconds

    def delete_task(self, task: HeldTask, records: BatchRecords, tombstone: TaskTombstone | None = None) -> None:
        """Delete a task, its pending attempts and its backfills; a tombstone remains of it, if one is given."""
        del self.tasks[task.id]
        self._remove_from_agenda(task)
        self.alerts.forget(task.id)
        if task.shared_schedule.versions:
            self.calendars.leave(task.id, task.shared_schedule.versions)
        self.set_successors(task.id, (), records)
        for run_id, pending in self.runs.pending_of(task.id):
            self.end_attempt(run_id, pending, "deleted", records)
        for name in self.backfills.of_task(task.id):
            self.end_backfill(name, "deleted", records)
        if tombstone is None:
            records.delete_task(task.id)
        else:
            self.tombstones.add(task.id, tombstone)
            records.store_tombstone(task.id, tombstone)

    def set_successors(self, task_id: str, successors: Sequence[str], records: BatchRecords) -> None:
        """A task starts these others from now on; that is written if it has changed."""
        if tuple(self.chains.successors(task_id)) != tuple(successors):
            self.chains.put(task_id, successors)
            records.store_successors(task_id, successors)

    def remove_finished(self, task: HeldTask, at: int, records: BatchRecords) -> None:
        """Remove a task whose retention is over; if something of it is still pending, its retention begins anew."""
        if self.runs.pending_of(task.id) or self.backfills.of_task(task.id):
            self.removals.remove(task.id, self._removal(task))
            task.finished_at = at
            self.removals.add(task.id, self._removal(task))
            records.store_task(task)
        else:
            records.add_removed(task, at)
            self.delete_task(task, records)

    def emit_run(self, task: HeldTask, at: Occurrence, lane: Lane, records: BatchRecords) -> None:
        """Emit a scheduled run, counted where its task counts them."""
        counted = task.count_run()
        if counted and not task.runs_left():
            self.agenda.remove(task.id, task.next_due)
            task.next_due = task.next_nominal = NEVER
        run_id = records.add_run(task, at, lane=lane, traceparent=None if task.trace is None else task.traceparent)
        if task.task.notify is not UNSET:
            self.alerts.run_emitted(task, at.effective, run_id)
        if counted:
            records.store_task(task)

    def emit_at_once(self, task: HeldTask, nominal: int, at: int, records: BatchRecords) -> None:
        """Emit the occurrence that a handover at the second `at` has left to the new definition."""
        effective = min(effective_of(task.schedule, nominal, task.offset), at)
        lane: Lane = "due-background" if records.now - effective > LIVE_SECONDS else "due-tasks"
        self.emit_run(task, Occurrence(nominal, effective), lane, records)
        task.after_nominal = nominal
        records.store_task(task)

    def open_gaps(self, task: HeldTask) -> list[CatchUpGap]:
        """The gaps in which a part of this task waits for its visit."""
        if not self.position.gaps or task.paused or task.finished_at is not None or not task.runs_left():
            return []
        found = [g for g in self.position.gaps if task.id > g.after_task and task.since < g.to]
        if (once := task.over_at) < NEVER:
            return [g for g in found if max(g.after, task.since) < once <= g.to]
        return found

    def miss_open_gaps(self, task: HeldTask, reason: MissedReason, records: BatchRecords) -> None:
        """Record the part of a task that is still open in gaps as missed."""
        for gap in self.open_gaps(task):
            if missed := missed_range(task.effective_schedule, max(gap.after, task.since), gap.to, reason):
                self.miss(task, missed, gap.after, gap.to, records)

    def miss(self, task: HeldTask, missed: MissedRange, after: int, to: int, records: BatchRecords) -> None:
        """Record that occurrences did not run, in an outage from `after` up to `to`."""
        records.add_missed(task, missed)
        if task.task.notify is not UNSET and missed.reason != "deleted":
            self.alerts.missed(task, missed, after, to, records.now)

    def finish_if_over(self, task: HeldTask, records: BatchRecords) -> None:
        """Report a task as finished when it has no occurrence left and none that waits in a gap.

        A one-time task that is over just when its schedule says needs no record: a restore can infer it.
        """
        if not self._is_over(task):
            return
        task.finished_at = self.position.deciding
        self.removals.add(task.id, self._removal(task))
        if task.finished_at != task.over_at:
            records.store_task(task)
        self.report_finished(task, records)

    def report_finished(self, task: HeldTask, records: BatchRecords) -> None:
        """Report why no occurrence is left of a task, and which was the last."""
        if isinstance(task.shared_schedule, OneTimeSchedule):
            records.add_finished(task, "once", task.shared_schedule.second)
            return
        all_time = EffectiveSchedule(task.schedule, task.offset, since=-1)
        last = next(newest_first(all_time, -1, self.position.deciding), None)
        reason = "end" if task.runs_left() else "max_runs"
        records.add_finished(task, reason, last.nominal if last else self.position.second)

    def _is_over(self, task: HeldTask) -> bool:
        if task.next_due < NEVER or task.paused or task.finished_at is not None or task.shared_schedule.manual:
            return False
        return not self.open_gaps(task)

    def remember_run(self, run_id: str, memory: RunMemory, records: BatchRecords) -> None:
        """Remember something of a run."""
        self.runs.put(run_id, memory)
        records.store_run(run_id, memory)

    def remember_request(self, task_id: str, generation: int, kind: Kind, event_id: str, records: BatchRecords) -> None:
        """Remember that an event has made its runs."""
        memory = RunMemory(task_id=task_id, changed_at=records.now)
        self.remember_run(request_id(task_id, generation, kind, event_id), memory, records)

    def attempt_emitted(self, run_id: str, attempt: int, records: BatchRecords) -> None:
        """Note that a pending attempt was emitted."""
        if memory := self.runs.get(run_id):
            emitted = replace(memory, attempt=attempt, pending=None, changed_at=records.now)
            self.remember_run(run_id, emitted, records)

    def end_attempt(self, run_id: str, pending: PendingAttempt, reason: EndReason, records: BatchRecords) -> None:
        """Drop a pending attempt, and report the end of its run."""
        self.end_run(pending, reason, records)
        if memory := self.runs.get(run_id):
            cancelled = memory.cancelled or reason == "cancelled"
            waited = memory.waited if pending.wait is None else pending.attempt
            ended = replace(memory, pending=None, cancelled=cancelled, waited=waited, changed_at=records.now)
            self.remember_run(run_id, ended, records)

    def end_run(self, pending: PendingAttempt, reason: EndReason, records: BatchRecords) -> None:
        """Report that a run has ended, because its pending attempt will not come."""
        outcome = records.add_run_ended(pending, reason)
        error = RunError(reason, f"the ticker has ended it before attempt {pending.attempt}")
        self.alerts.run_given_up(pending.run, outcome, error, records.now)

    def end_wait(self, run_id: str, pending: PendingAttempt, report: CallbackReport, records: BatchRecords) -> None:
        """Let an executor end an attempt that waited for its callback; no other report of it counts."""
        records.add_reported_end(pending, report)
        memory = self.runs.get(run_id) or RunMemory(task_id=pending.run.task_id, changed_at=records.now)
        ended = replace(
            memory,
            attempt=max(memory.attempt, pending.attempt),
            pending=None,
            waited=pending.attempt,
            report=None,
            changed_at=records.now,
        )
        self.remember_run(run_id, ended, records)

    def end_backfill(self, name: str, reason: Literal["done", "deleted"], records: BatchRecords) -> None:
        """Drop a backfill, and report its end; one that is done and requested again is recognised."""
        ended = self.backfills.states[name]
        records.add_backfill_ended(event_id_of(name), ended, reason)
        if reason == "done":
            self.remember_request(ended.task_id, ended.generation, "backfill", event_id_of(name), records)
        self.backfills.remove(name)
        records.delete_backfill(name)
